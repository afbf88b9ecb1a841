-- One row per condition that someone recorded: at a contact, on a claim (where the contact does not say it), in a trial.
-- takes: diagnoses as kind = 'diagnosis'
WITH claim AS (
    SELECT
        b.*,
        unnest(list_prepend(c.principal_diagnosis, json_extract_string(c.other_diagnoses, '$[*]'))) AS code,
        generate_subscripts(list_prepend(c.principal_diagnosis, json_extract_string(c.other_diagnoses, '$[*]')), 1) AS rank
    FROM claims AS c
    JOIN stage_billed AS b ON b.claim_id = c.claim_id AND NOT b.is_denied
),
found AS (
    SELECT
        'diagnosis' AS kind,
        d.diagnosis_id AS id,
        r.person_id,
        vocabulary_of(d.code_system, 'ICD10CM') AS vocabulary,
        d.code,
        d.description AS name,
        coalesce(d.diagnosed_date, v.start_date, d.onset_date) AS start_date,
        d.resolved_date AS end_date,
        32817 AS type_concept_id,
        v.provider_id,
        v.visit_id,
        d.diagnosis_type AS status
    FROM diagnoses AS d
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = d.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = d.encounter_id
    UNION ALL
    SELECT
        'claim', c.claim_id || '/' || c.rank, c.person_id, 'ICD10CM', c.code, NULL, c.start_date, NULL, 32810,
        c.provider_id, c.visit_id, CASE c.rank WHEN 1 THEN 'principal' ELSE 'secondary' END
    FROM claim AS c
    WHERE c.code IS NOT NULL
      AND NOT EXISTS (
          SELECT 1
          FROM diagnoses AS d
          JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = d.encounter_id
          WHERE v.visit_id = c.visit_id AND plain_code(d.code) = plain_code(c.code)
      )
    -- several claims of one contact, and a claim that repeats itself, tell of one condition
    QUALIFY row_number() OVER (PARTITION BY c.visit_id, plain_code(c.code) ORDER BY c.rank, c.claim_id) = 1
    UNION ALL
    SELECT
        'adverse event', a.adverse_event_id, r.person_id, 'MedDRA', NULL, coalesce(a.aedecod, a.aeterm), a.aestdtc, a.aeendtc,
        32809, NULL, NULL, NULL
    FROM adverse_events AS a
    JOIN stage_role AS r ON r.role = 'subject' AND r.id = a.subject_id
)
SELECT
    row_number() OVER (ORDER BY person_id, start_date, kind, id) AS event_id,
    * EXCLUDE (id, name) REPLACE (code_of(vocabulary, code) AS code),
    left(coalesce(code, name), 50) AS source_value
FROM found
WHERE start_date IS NOT NULL
