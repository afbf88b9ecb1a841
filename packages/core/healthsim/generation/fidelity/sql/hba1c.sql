-- HbA1c of people with and without diabetes.
WITH diabetics AS (SELECT DISTINCT patient_id FROM diagnoses WHERE regexp_matches(code, '^E(0[89]|1[0-3])'))
SELECT
    count(*) AS n,
    avg(l.value_numeric) FILTER (d.patient_id IS NOT NULL) AS with_diabetes,
    100 * avg((l.value_numeric >= 6.5)::INTEGER) FILTER (d.patient_id IS NULL) AS high_without_diabetes
FROM lab_results AS l
LEFT JOIN diabetics AS d ON d.patient_id = l.patient_id
WHERE l.loinc_code IN ('4548-4', '17856-6') AND l.value_numeric IS NOT NULL
