-- What happened to one person, a row per event; of diagnoses a row per era: the records of a code that overlap or touch.
-- first_day and last_day are days, last_day is the first one where it took no longer; is_open: it has not ended.
WITH visits AS (
    SELECT * FROM encounters WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
), found AS (
    SELECT
        d.diagnosis_id, coalesce(d.code, d.description, 'without a code') AS condition, d.code, d.description, d.clinical_status,
        coalesce(d.onset_date, d.diagnosed_date, v.start_datetime::DATE) AS first_day,
        CASE
            WHEN d.resolved_date IS NULL AND coalesce(d.clinical_status, 'active') IN ('resolved', 'inactive', 'remission')
                THEN coalesce(d.diagnosed_date, v.start_datetime::DATE, d.onset_date)
            ELSE coalesce(d.resolved_date, DATE '9999-12-31')
        END AS last_day
    FROM diagnoses AS d
    LEFT JOIN visits AS v ON v.encounter_id = d.encounter_id
    WHERE d.patient_id IN (SELECT unnest($patients::VARCHAR[]))
), begun AS (
    SELECT
        *,
        first_day > max(last_day) OVER (
            PARTITION BY condition ORDER BY first_day, last_day, diagnosis_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) + 1 AS is_new
    FROM found
), numbered AS (
    SELECT
        *,
        count(*) FILTER (is_new) OVER (
            PARTITION BY condition ORDER BY first_day, last_day, diagnosis_id ROWS UNBOUNDED PRECEDING
        ) AS era
    FROM begun
), eras AS (
    SELECT
        condition, min(diagnosis_id) AS diagnosis_id, any_value(code) AS code, max(description) AS description, min(first_day) AS first_day,
        max(last_day) AS last_day, count(*) AS records, arg_max(clinical_status, first_day) AS clinical_status
    FROM numbered
    GROUP BY condition, era
), events AS (
    SELECT
        'coverage' AS family, 'medical' AS lane, 'member' AS entity_type, m.member_id AS entity_id, m.plan_code AS code,
        coalesce(p.plan_name, m.plan_code, m.payer_name, 'coverage') AS label, m.coverage_start AS first_day,
        m.coverage_end AS last_day, m.coverage_end IS NULL AS is_open, m.coverage_status AS status, NULL::DOUBLE AS value,
        NULL::VARCHAR AS unit, NULL::DOUBLE AS low, NULL::DOUBLE AS high, 1 AS records, coalesce(p.payer_name, m.payer_name) AS detail
    FROM members AS m
    LEFT JOIN plans AS p ON p.plan_id = m.plan_id
    WHERE m.member_id IN (SELECT unnest($members::VARCHAR[]))
    UNION ALL
    SELECT
        'coverage', 'drug', 'rx_member', rx_member_id, plan_code, coalesce(plan_code, 'pharmacy benefit'), effective_date,
        termination_date, termination_date IS NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL
    FROM rx_members
    WHERE rx_member_id IN (SELECT unnest($rx_members::VARCHAR[]))
    UNION ALL
    SELECT
        'care', coalesce(encounter_class, 'visit'), 'encounter', encounter_id, reason_code, coalesce(encounter_type, encounter_class, 'visit'),
        start_datetime::DATE, end_datetime::DATE, FALSE, status, NULL, NULL, NULL, NULL, 1, coalesce(reason_for_visit, chief_complaint)
    FROM visits
    UNION ALL
    SELECT
        'care', 'procedures', 'procedure', procedure_id, code, coalesce(description, code, 'procedure'), performed_datetime::DATE,
        NULL, FALSE, status, NULL, NULL, NULL, NULL, 1, code_system
    FROM procedures
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'care', 'journey ' || journey, 'journey_step', journey_step_id, step, replace(step, '_', ' '), coalesce(happened_date, planned_date),
        NULL, FALSE, CASE WHEN happened THEN 'happened' ELSE 'skipped: ' || why_not END, NULL, NULL, NULL, NULL, 1, kind
    FROM journey_steps
    -- what others before it decided is not told again
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[])) AND (happened OR why_not IN ('chance', 'when', 'in hospital', 'already taken'))
    UNION ALL
    SELECT
        'care', 'immunizations', 'immunization', immunization_id, cvx_code, coalesce(description, cvx_code, 'immunization'),
        administered_date, NULL, FALSE, status, NULL, NULL, NULL, NULL, 1, 'dose ' || dose_number
    FROM immunizations
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'conditions', condition, 'diagnosis', diagnosis_id, code, coalesce(description, condition), first_day,
        CASE WHEN last_day < DATE '9999-12-31' THEN last_day END, last_day = DATE '9999-12-31', clinical_status,
        NULL, NULL, NULL, NULL, records, NULL
    FROM eras
    UNION ALL
    SELECT
        'conditions', 'allergies', 'allergy', allergy_id, code, coalesce(substance, code, 'allergy'), onset_date, NULL,
        coalesce(status, 'active') = 'active', status, NULL, NULL, NULL, NULL, 1, reaction
    FROM allergies
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'results', coalesce(test_name, loinc_code, 'result'), 'lab_result', lab_result_id, loinc_code, coalesce(test_name, loinc_code, 'result'),
        coalesce(collected_datetime, resulted_datetime)::DATE, NULL, FALSE, nullif(abnormal_flag, 'N'), value_numeric, unit,
        reference_low, reference_high, 1, CASE WHEN value_numeric IS NULL THEN value END
    FROM lab_results
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'results', measured.name, 'vital_sign', vital_sign_id, NULL, measured.name, observation_datetime::DATE, NULL, FALSE, NULL,
        measured.value, measured.unit, NULL, NULL, 1, NULL
    FROM (
        SELECT vital_sign_id, observation_datetime, unnest([{vital_signs}]) AS measured
        FROM vital_signs
        WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    ) AS sets
    WHERE measured.value IS NOT NULL
    UNION ALL
    SELECT
        'drugs', coalesce(name, code, ndc, 'medication'), 'medication', medication_id, code, coalesce(name, code, ndc, 'medication'), start_date,
        end_date, end_date IS NULL AND coalesce(status, 'active') IN ('active', 'intended', 'on-hold'), status, NULL, NULL, NULL, NULL, 1,
        concat_ws(' ', dose, route, frequency)
    FROM medications
    WHERE patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'drugs', coalesce(drug_name, ndc, 'drug'), 'pharmacy_claim', pharmacy_claim_id, ndc, coalesce(drug_name, ndc, 'drug'), service_date,
        service_date + (greatest(coalesce(days_supply, 1), 1) - 1)::INTEGER, FALSE, status, plan_paid_amount, 'USD paid', NULL, NULL, 1,
        days_supply || ' days'
    FROM pharmacy_claims
    WHERE rx_member_id IN (SELECT unnest($rx_members::VARCHAR[]))
    UNION ALL
    SELECT
        'claims', coalesce(claim_type, 'claim'), 'claim', claim_id, principal_diagnosis, concat_ws(' ', claim_type, 'claim'), service_date,
        service_end_date, FALSE, status, total_paid, 'USD paid', NULL, NULL, 1, 'charged ' || total_charge
    FROM claims
    WHERE member_id IN (SELECT unnest($members::VARCHAR[])) OR patient_id IN (SELECT unnest($patients::VARCHAR[]))
    UNION ALL
    SELECT
        'trial', 'participation', 'subject', s.subject_id, s.arm_code, coalesce(t.protocol_title, s.study_id, 'study'),
        coalesce(s.screening_date, s.informed_consent_date, s.randomization_date),
        coalesce(s.completion_date, s.discontinuation_date), coalesce(s.completion_date, s.discontinuation_date) IS NULL,
        s.subject_status, NULL, NULL, NULL, NULL, 1, 'randomized ' || s.randomization_date
    FROM subjects AS s
    LEFT JOIN studies AS t ON t.study_id = s.study_id
    WHERE s.subject_id IN (SELECT unnest($subjects::VARCHAR[]))
    UNION ALL
    SELECT
        'trial', 'treatment', 'exposure', exposure_id, NULL, concat_ws(' ', extrt, exdose, exdosu), exstdtc, exendtc,
        exendtc IS NULL, NULL, NULL, NULL, NULL, NULL, 1, exroute
    FROM exposures
    WHERE subject_id IN (SELECT unnest($subjects::VARCHAR[]))
    UNION ALL
    SELECT
        'trial', 'trial visits', 'trial_visit', trial_visit_id, visit_num::VARCHAR, coalesce(visit_name, 'visit'), visit_date, NULL, FALSE,
        visit_status, NULL, NULL, NULL, NULL, 1, 'study day ' || study_day
    FROM trial_visits
    WHERE subject_id IN (SELECT unnest($subjects::VARCHAR[]))
    UNION ALL
    SELECT
        'trial', 'adverse events', 'adverse_event', adverse_event_id, aedecod, coalesce(aeterm, aedecod, 'adverse event'), aestdtc, aeendtc,
        FALSE, CASE WHEN aeser = 'Y' THEN 'serious' ELSE lower(aesev) END, NULL, NULL, NULL, NULL, 1, lower(aerel)
    FROM adverse_events
    WHERE subject_id IN (SELECT unnest($subjects::VARCHAR[]))
    UNION ALL
    SELECT
        'trial', 'disposition', 'disposition_event', disposition_event_id, dsdecod, coalesce(dsterm, dsdecod, 'disposition'), dsstdtc, NULL,
        FALSE, NULL, NULL, NULL, NULL, NULL, 1, lower(dscat)
    FROM disposition_events
    WHERE subject_id IN (SELECT unnest($subjects::VARCHAR[]))
)
SELECT
    family, lane, entity_type, entity_id, code, label, first_day,
    CASE WHEN is_open THEN NULL ELSE greatest(coalesce(last_day, first_day), first_day) END AS last_day,
    is_open AND first_day IS NOT NULL AS is_open, status, value, unit, low, high, records, nullif(detail, '') AS detail
FROM events
ORDER BY first_day NULLS LAST, list_position({families}, family), lane, label, entity_id
