-- One row per result: labs, and each value of a set of vital signs.
-- kind: fact
-- grain: one row per result of a lab test or vital sign
-- holds: lab results or vital signs
-- rows: lab_results.lab_result_id as observation_id where vital_sign_count = 0, owned by patient
-- rows: vital_signs.vital_sign_id as observation_id where vital_sign_count = 1, owned by patient, one per temperature_c
--   heart_rate respiratory_rate systolic_bp diastolic_bp spo2 height_cm weight_kg bmi
-- dates: observed = observed_date_key
-- columns:
--   person_key INTEGER: the patient
--   observation_type_key INTEGER: what was measured, in which unit
--   ordering_provider_key INTEGER [provider]: who ordered a lab; -2 for vital signs
--   age_band_key INTEGER: age on the day
--   observed_date_key INTEGER: day of collection or observation
--   observed_date DATE: the same
--   observed_datetime TIMESTAMP: the same (UTC)
--   value_numeric DOUBLE: the value
--   value_text VARCHAR: a value that is no number
--   abnormal_flag VARCHAR: as recorded
--   observation_id VARCHAR compressed by zstd: degenerate: lab_result_id or vital_sign_id
--   encounter_id VARCHAR: degenerate
--   result_count INTEGER: 1
--   vital_sign_count INTEGER: 1 for a vital sign, 0 for a laboratory result
--   abnormal_count INTEGER: 1 when flagged abnormal, or outside its reference range
--   low_count INTEGER: 1 when below its reference range
--   high_count INTEGER: 1 when above its reference range
WITH taken AS (
    SELECT
        *, coalesce({day_key(observation_datetime)}, -1) AS observed_date_key
    FROM vital_signs
), measured AS (
    SELECT s.*, coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key
    FROM taken AS s
    LEFT JOIN lookup_patient AS p ON p.patient_id = s.patient_id
), sign AS (
    SELECT k.value AS sign, o.observation_type_key
    FROM code_rules AS k
    LEFT JOIN lookup_observation AS o ON o.code = k.code_from AND o.unit = k.detail
    WHERE k.rule_set = 'vital'
), vital AS (
    SELECT
        m.*, k.observation_type_key,
        CASE k.sign
            WHEN 'temperature_c' THEN CAST(m.temperature_c AS DOUBLE)
            WHEN 'heart_rate' THEN CAST(m.heart_rate AS DOUBLE)
            WHEN 'respiratory_rate' THEN CAST(m.respiratory_rate AS DOUBLE)
            WHEN 'systolic_bp' THEN CAST(m.systolic_bp AS DOUBLE)
            WHEN 'diastolic_bp' THEN CAST(m.diastolic_bp AS DOUBLE)
            WHEN 'spo2' THEN CAST(m.spo2 AS DOUBLE)
            WHEN 'height' THEN CAST(m.height_cm AS DOUBLE)
            WHEN 'weight' THEN CAST(m.weight_kg AS DOUBLE)
            WHEN 'bmi' THEN CAST(m.bmi AS DOUBLE)
        END AS value_numeric
    FROM measured AS m
    CROSS JOIN sign AS k
), drawn AS (
    SELECT
        *, coalesce(loinc_code, lower(trim(test_name))) AS code, coalesce(collected_datetime, resulted_datetime) AS observed_datetime,
        upper(abnormal_flag) AS flag
    FROM lab_results
), dated AS (
    SELECT *, coalesce({day_key(observed_datetime)}, -1) AS observed_date_key FROM drawn
), lab AS (
    SELECT
        r.*, coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key, o.observation_type_key,
        coalesce(v.provider_key, -1) AS ordering_provider_key
    FROM dated AS r
    LEFT JOIN lookup_patient AS p ON p.patient_id = r.patient_id
    LEFT JOIN lookup_provider AS v ON v.ref = r.ordering_provider_id
    LEFT JOIN lookup_observation AS o ON o.code = r.code AND o.unit IS NOT DISTINCT FROM r.unit
), result AS (
    SELECT
        person_key, birth_date_key, observation_type_key, ordering_provider_key, observed_datetime, observed_date_key,
        value_numeric, CASE WHEN value_numeric IS NULL THEN "value" END AS value_text, abnormal_flag,
        lab_result_id AS observation_id, encounter_id, 0 AS vital_sign_count,
        CASE
            WHEN flag NOT IN ('N', 'NORMAL', '') THEN 1
            WHEN value_numeric < reference_low OR value_numeric > reference_high THEN 1
            ELSE 0
        END AS abnormal_count,
        CASE WHEN value_numeric < reference_low OR flag IN ('L', 'LL', 'LOW') THEN 1 ELSE 0 END AS low_count,
        CASE WHEN value_numeric > reference_high OR flag IN ('H', 'HH', 'HIGH') THEN 1 ELSE 0 END AS high_count
    FROM lab
    UNION ALL
    SELECT
        person_key, birth_date_key, observation_type_key, -2, observation_datetime, observed_date_key, value_numeric, NULL, NULL,
        vital_sign_id, encounter_id, 1, 0, 0, 0
    FROM vital
    WHERE value_numeric IS NOT NULL
)
SELECT
    r.person_key, coalesce(r.observation_type_key, -1) AS observation_type_key, r.ordering_provider_key,
    {age_at(r.birth_date_key, r.observed_date_key)} AS age_band_key,
    r.observed_date_key, CAST(r.observed_datetime AS DATE) AS observed_date, r.observed_datetime, r.value_numeric, r.value_text,
    r.abnormal_flag, r.observation_id, r.encounter_id, 1 AS result_count, r.vital_sign_count, r.abnormal_count, r.low_count,
    r.high_count
FROM result AS r
