-- One row per claim that was not taken back, at its visit, and one per fill, at its exposure.
WITH bill AS (
    SELECT
        b.visit_id AS event_id,
        'Visit' AS domain,
        32810 AS type_concept_id,
        c.total_charge, c.total_allowed, c.total_paid AS plan_paid, c.member_responsibility AS patient_paid,
        l.copay, l.coinsurance, l.deductible, NULL AS ingredient, NULL AS fee, g.payer_plan_period_id, c.drg_code, c.claim_id AS id
    FROM claims AS c
    JOIN stage_billed AS b ON b.claim_id = c.claim_id
    LEFT JOIN stage_coverage AS g ON g.member_id = c.member_id
    LEFT JOIN (
        SELECT claim_id, sum(copay_amount) AS copay, sum(coinsurance_amount) AS coinsurance, sum(deductible_amount) AS deductible
        FROM claim_lines
        GROUP BY claim_id
    ) AS l ON l.claim_id = c.claim_id
    UNION ALL
    SELECT
        d.event_id, 'Drug', 32869, f.gross_amount_due, NULL, f.plan_paid_amount, f.patient_pay_amount, NULL, NULL, NULL,
        f.ingredient_cost, f.dispensing_fee, NULL, NULL, f.pharmacy_claim_id
    FROM pharmacy_claims AS f
    JOIN stage_drug AS d ON d.kind = 'fill' AND d.id = f.pharmacy_claim_id
)
SELECT
    row_number() OVER (ORDER BY domain, event_id, id) AS cost_id,
    event_id AS cost_event_id,
    domain AS cost_domain_id,
    type_concept_id AS cost_type_concept_id,
    44818668 AS currency_concept_id,
    total_charge,
    NULL AS total_cost,
    coalesce(plan_paid, 0) + coalesce(patient_paid, 0) AS total_paid,
    plan_paid AS paid_by_payer,
    patient_paid AS paid_by_patient,
    copay AS paid_patient_copay,
    coinsurance AS paid_patient_coinsurance,
    deductible AS paid_patient_deductible,
    plan_paid AS paid_by_primary,
    ingredient AS paid_ingredient_cost,
    fee AS paid_dispensing_fee,
    payer_plan_period_id,
    total_allowed AS amount_allowed,
    0 AS revenue_code_concept_id,
    NULL AS revenue_code_source_value,
    0 AS drg_concept_id,
    left(drg_code, 3) AS drg_source_value
FROM bill
