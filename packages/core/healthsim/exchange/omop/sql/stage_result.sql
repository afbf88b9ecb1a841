-- One row per measured value: laboratory results, and each vital sign of a set.
-- takes: lab_results as kind = 'lab'
WITH vital AS (
    SELECT
        v.vital_sign_id, v.patient_id, v.encounter_id, v.observation_datetime,
        unnest([
            {'code': '8310-5', 'unit': 'Cel', 'value': v.temperature_c},
            {'code': '8867-4', 'unit': '/min', 'value': CAST(v.heart_rate AS DOUBLE)},
            {'code': '9279-1', 'unit': '/min', 'value': CAST(v.respiratory_rate AS DOUBLE)},
            {'code': '8480-6', 'unit': 'mm[Hg]', 'value': CAST(v.systolic_bp AS DOUBLE)},
            {'code': '8462-4', 'unit': 'mm[Hg]', 'value': CAST(v.diastolic_bp AS DOUBLE)},
            {'code': '59408-5', 'unit': '%', 'value': CAST(v.spo2 AS DOUBLE)},
            {'code': '8302-2', 'unit': 'cm', 'value': v.height_cm},
            {'code': '29463-7', 'unit': 'kg', 'value': v.weight_kg},
            {'code': '39156-5', 'unit': 'kg/m2', 'value': v.bmi}
        ]) AS sign
    FROM vital_signs AS v
),
found AS (
    SELECT
        'lab' AS kind,
        l.lab_result_id AS id,
        r.person_id,
        l.loinc_code AS code,
        l.test_name AS name,
        coalesce(l.collected_datetime, l.resulted_datetime, v.start_datetime) AS start_datetime,
        32856 AS type_concept_id,
        coalesce(d.provider_no, v.provider_id) AS provider_id,
        v.visit_id,
        l.value_numeric AS value_number,
        l.value AS value_text,
        l.unit,
        l.reference_low AS low,
        l.reference_high AS high
    FROM lab_results AS l
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = l.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = l.encounter_id
    LEFT JOIN stage_provider AS d ON d.provider_id = l.ordering_provider_id
    UNION ALL
    SELECT
        'vital', s.vital_sign_id || '/' || s.sign.code, r.person_id, s.sign.code, NULL,
        coalesce(s.observation_datetime, v.start_datetime), 32817, v.provider_id, v.visit_id, s.sign.value,
        CAST(s.sign.value AS VARCHAR), s.sign.unit, NULL, NULL
    FROM vital AS s
    JOIN stage_role AS r ON r.role = 'patient' AND r.id = s.patient_id
    LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = s.encounter_id
    WHERE s.sign.value IS NOT NULL
)
SELECT
    $offset + row_number() OVER (ORDER BY person_id, start_datetime, kind, id) AS event_id,
    * EXCLUDE (id, name),
    'LOINC' AS vocabulary,
    CAST(start_datetime AS DATE) AS start_date,
    CASE WHEN value_number IS NULL THEN NULL WHEN value_text[1:1] IN ('<', '>') THEN value_text[1:1] ELSE '=' END AS operator,
    left(coalesce(code, name), 50) AS source_value
FROM found
WHERE start_datetime IS NOT NULL
