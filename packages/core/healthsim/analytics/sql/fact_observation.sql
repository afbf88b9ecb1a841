-- One row per result: labs, and each value of a set of vital signs.
WITH taken AS (
    SELECT
        *, coalesce(year(observation_datetime) * 10000 + month(observation_datetime) * 100 + day(observation_datetime), -1) AS observed_date_key
    FROM vital_signs
), measured AS (
    SELECT s.*, coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key
    FROM taken AS s
    LEFT JOIN lookup_patient AS p ON p.patient_id = s.patient_id
), vital AS (
    SELECT
        m.*, k.code_from AS code, k.detail AS unit,
        CASE k.value
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
    CROSS JOIN code_rules AS k
    WHERE k.rule_set = 'vital'
), drawn AS (
    SELECT *, coalesce(collected_datetime, resulted_datetime) AS observed_datetime FROM lab_results
), dated AS (
    SELECT *, coalesce(year(observed_datetime) * 10000 + month(observed_datetime) * 100 + day(observed_datetime), -1) AS observed_date_key FROM drawn
), lab AS (
    SELECT
        r.*, coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key,
        coalesce(r.loinc_code, lower(trim(r.test_name))) AS code, upper(r.abnormal_flag) AS flag,
        coalesce(v.provider_key, -1) AS ordering_provider_key
    FROM dated AS r
    LEFT JOIN lookup_patient AS p ON p.patient_id = r.patient_id
    LEFT JOIN lookup_provider AS v ON v.ref = r.ordering_provider_id
), result AS (
    SELECT
        person_key, birth_date_key, ordering_provider_key, code, observed_datetime, observed_date_key,
        value_numeric, CASE WHEN value_numeric IS NULL THEN "value" END AS value_text, unit, abnormal_flag,
        'lab_result' AS observation_source, lab_result_id AS observation_id, encounter_id,
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
        person_key, birth_date_key, -2, code, observation_datetime, observed_date_key, value_numeric, NULL, unit, NULL,
        'vital_sign', vital_sign_id, encounter_id, 0, 0, 0
    FROM vital
    WHERE value_numeric IS NOT NULL
)
SELECT
    r.person_key, coalesce(o.observation_type_key, -1) AS observation_type_key, r.ordering_provider_key,
    CASE
        WHEN r.birth_date_key < 0 OR r.observed_date_key < 0 THEN -1
        ELSE greatest(-1, least(120, (r.observed_date_key - r.birth_date_key + 10000) // 10000 - 1))
    END AS age_band_key,
    r.observed_date_key, CAST(r.observed_datetime AS DATE) AS observed_date, r.observed_datetime, r.value_numeric, r.value_text,
    r.unit, r.abnormal_flag, r.observation_source, r.observation_id, r.encounter_id, 1 AS result_count, r.abnormal_count, r.low_count,
    r.high_count
FROM result AS r
LEFT JOIN lookup_observation AS o ON o.code = r.code
