-- One row per result: labs, and each value of a set of vital signs.
WITH vital AS (
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '8310-5' AS code, CAST(temperature_c AS DOUBLE) AS value_numeric, 'Cel' AS unit
    FROM vital_signs WHERE temperature_c IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '8867-4' AS code, CAST(heart_rate AS DOUBLE) AS value_numeric, '/min' AS unit
    FROM vital_signs WHERE heart_rate IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '9279-1' AS code, CAST(respiratory_rate AS DOUBLE) AS value_numeric, '/min' AS unit
    FROM vital_signs WHERE respiratory_rate IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '8480-6' AS code, CAST(systolic_bp AS DOUBLE) AS value_numeric, 'mm[Hg]' AS unit
    FROM vital_signs WHERE systolic_bp IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '8462-4' AS code, CAST(diastolic_bp AS DOUBLE) AS value_numeric, 'mm[Hg]' AS unit
    FROM vital_signs WHERE diastolic_bp IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '59408-5' AS code, CAST(spo2 AS DOUBLE) AS value_numeric, '%' AS unit
    FROM vital_signs WHERE spo2 IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '8302-2' AS code, CAST(height_cm AS DOUBLE) AS value_numeric, 'cm' AS unit
    FROM vital_signs WHERE height_cm IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '29463-7' AS code, CAST(weight_kg AS DOUBLE) AS value_numeric, 'kg' AS unit
    FROM vital_signs WHERE weight_kg IS NOT NULL
    UNION ALL
    SELECT vital_sign_id, patient_id, encounter_id, observation_datetime, '39156-5' AS code, CAST(bmi AS DOUBLE) AS value_numeric, 'kg/m2' AS unit
    FROM vital_signs WHERE bmi IS NOT NULL
), result AS (
    SELECT
        'lab_result' AS observation_source, lab_result_id AS observation_id, patient_id, encounter_id,
        coalesce(collected_datetime, resulted_datetime) AS observed_datetime, coalesce(loinc_code, lower(trim(test_name))) AS code,
        value_numeric, CASE WHEN value_numeric IS NULL THEN "value" END AS value_text, unit, abnormal_flag, ordering_provider_id,
        CASE WHEN value_numeric < reference_low OR upper(abnormal_flag) IN ('L', 'LL', 'LOW') THEN 1 ELSE 0 END AS low_count,
        CASE WHEN value_numeric > reference_high OR upper(abnormal_flag) IN ('H', 'HH', 'HIGH') THEN 1 ELSE 0 END AS high_count,
        CASE
            WHEN abnormal_flag IS NOT NULL AND upper(abnormal_flag) NOT IN ('N', 'NORMAL', '') THEN 1
            WHEN value_numeric < reference_low OR value_numeric > reference_high THEN 1
            ELSE 0
        END AS abnormal_count
    FROM lab_results
    UNION ALL
    SELECT
        'vital_sign', vital_sign_id, patient_id, encounter_id, observation_datetime, code, value_numeric, NULL, unit, NULL, NULL,
        0, 0, 0
    FROM vital
), timed AS (
    SELECT
        r.observation_source, r.observation_id, r.encounter_id, r.code, r.value_numeric, r.value_text, r.unit, r.abnormal_flag,
        r.ordering_provider_id, r.low_count, r.high_count, r.abnormal_count,
        coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key,
        r.observed_datetime, CAST(r.observed_datetime AS DATE) AS observed_date
    FROM result AS r
    LEFT JOIN lookup_patient AS p ON p.patient_id = r.patient_id
)
SELECT
    r.person_key, coalesce(o.observation_type_key, -1) AS observation_type_key,
    CASE WHEN r.observation_source = 'vital_sign' THEN -2 ELSE coalesce(v.provider_key, -1) END AS ordering_provider_key,
    CASE
        WHEN r.birth_date_key < 0 OR r.observed_date IS NULL THEN -1
        ELSE greatest(-1, least(120, (year(r.observed_date) * 10000 + month(r.observed_date) * 100 + day(r.observed_date) - r.birth_date_key + 10000) // 10000 - 1))
    END AS age_band_key,
    coalesce(year(r.observed_date) * 10000 + month(r.observed_date) * 100 + day(r.observed_date), -1) AS observed_date_key,
    r.observed_date, r.observed_datetime, r.value_numeric, r.value_text, r.unit, r.abnormal_flag, r.observation_source,
    r.observation_id, r.encounter_id, 1 AS result_count, r.abnormal_count, r.low_count, r.high_count
FROM timed AS r
LEFT JOIN lookup_observation AS o ON o.code = r.code
LEFT JOIN lookup_provider AS v ON v.ref = r.ordering_provider_id
