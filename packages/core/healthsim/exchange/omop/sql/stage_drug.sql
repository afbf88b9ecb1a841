-- One row per exposure to a drug: taken, prescribed, dispensed, vaccinated, given in a trial. Fills that were not paid
-- (rejected, pending, reversed, voided) are no exposures, and none lasts beyond death.
-- takes: medications as kind = 'medication'
-- takes: prescriptions as kind = 'prescription'
-- takes: pharmacy_claims as kind = 'fill'
-- takes: immunizations as kind = 'immunization'
WITH found AS (
    SELECT
        'medication' AS kind,
        m.medication_id AS id,
        r.person_id,
        NULL AS cvx,
        m.code AS rxnorm,
        m.ndc,
        m.name,
        coalesce(m.start_date, v.start_date) AS start_date,
        m.end_date,
        NULL AS days_supply,
        NULL AS quantity,
        NULL AS refills,
        nullif(concat_ws(' ', m.dose, m.frequency), '') AS sig,
        m.route,
        NULL AS lot,
        32830 AS type_concept_id,
        coalesce(d.provider_no, v.provider_id) AS provider_id,
        v.visit_id
    FROM medications AS m
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = m.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = m.encounter_id
    LEFT JOIN stage_provider AS d ON d.provider_id = m.prescriber_provider_id
    UNION ALL
    SELECT
        'prescription', p.prescription_id, coalesce(r.person_id, x.person_id), NULL, p.rxnorm_code, p.ndc,
        p.drug_name,
        p.written_date, NULL, p.days_supply, p.quantity_prescribed, p.refills_authorized, p.directions, NULL, NULL,
        32838, d.provider_no, NULL
    FROM prescriptions AS p
    LEFT JOIN stage_role AS r ON r.role = 'patient' AND r.id = p.patient_id
    LEFT JOIN stage_role AS x ON x.role = 'rx_member' AND x.id = p.rx_member_id
    LEFT JOIN stage_provider AS d ON d.provider_id = p.prescriber_provider_id
    UNION ALL
    SELECT
        'fill', f.pharmacy_claim_id, coalesce(x.person_id, r.person_id), NULL, p.rxnorm_code, coalesce(f.ndc, p.ndc),
        coalesce(f.drug_name, p.drug_name), f.service_date, NULL, coalesce(f.days_supply, p.days_supply),
        f.quantity_dispensed, NULL, NULL, NULL, NULL, 32869, d.provider_no, NULL
    FROM pharmacy_claims AS f
    LEFT JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
    LEFT JOIN stage_role AS x ON x.role = 'rx_member' AND x.id = coalesce(f.rx_member_id, p.rx_member_id)
    LEFT JOIN stage_role AS r ON r.role = 'patient' AND r.id = p.patient_id
    LEFT JOIN stage_provider AS d ON d.provider_id = f.prescriber_provider_id
    JOIN stage_status AS s ON s.claim_type = 'pharmacy' AND s.spelling = lower(coalesce(f.status, 'paid'))
    WHERE s.status = 'paid'
    UNION ALL
    SELECT
        'immunization', i.immunization_id, r.person_id,
        CASE WHEN length(i.cvx_code) = 1 THEN '0' || i.cvx_code ELSE i.cvx_code END, NULL, NULL, i.description,
        coalesce(i.administered_date, v.start_date), NULL, NULL, 1, NULL, NULL, i.route, i.lot_number, 32818,
        v.provider_id, v.visit_id
    FROM immunizations AS i
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = i.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = i.encounter_id
    UNION ALL
    SELECT
        'trial exposure', e.exposure_id, r.person_id, NULL, NULL, NULL, e.extrt, e.exstdtc, e.exendtc, NULL, e.exdose, NULL,
        nullif(concat_ws(' ', CAST(e.exdose AS VARCHAR), e.exdosu, e.exdosfrq), ''), e.exroute, NULL, 32809, NULL, NULL
    FROM exposures AS e
    JOIN stage_role AS r ON r.role = 'subject' AND r.id = e.subject_id
),
bounded AS (
    -- a supply for more than ten years is a slip, and taken as unknown: it would also lead to days that no calendar has
    SELECT * REPLACE (CASE WHEN days_supply BETWEEN 1 AND 3650 THEN days_supply END AS days_supply)
    FROM found
)
SELECT
    $offset + row_number() OVER (ORDER BY f.person_id, f.start_date, f.kind, f.id) AS event_id,
    f.*,
    CASE
        WHEN f.cvx IS NOT NULL THEN 'CVX'
        WHEN f.rxnorm IS NOT NULL THEN 'RxNorm'
        WHEN f.ndc IS NOT NULL THEN 'NDC'
        ELSE 'None'
    END AS vocabulary,
    coalesce(f.cvx, f.rxnorm, f.ndc, '') AS code,
    left(coalesce(f.cvx, f.rxnorm, f.ndc, f.name), 50) AS source_value,
    greatest(
        f.start_date,
        least(
            coalesce(f.end_date, f.start_date + CAST(coalesce(f.days_supply, 1) - 1 AS INTEGER)),
            coalesce(p.death_date, DATE '9999-12-31')
        )
    ) AS last_date
FROM bounded AS f
JOIN stage_person AS p ON p.person_id = f.person_id
WHERE f.start_date IS NOT NULL
