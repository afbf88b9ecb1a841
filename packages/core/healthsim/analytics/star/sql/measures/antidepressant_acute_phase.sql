-- Antidepressant management, acute phase
-- number: 17
-- population: Adults with depression (F32, F33) who start an antidepressant in the year, with none in the 105 days
--   before
-- numerator: At least 84 days covered in the 115 days from the start
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Antidepressant Medication Management (AMM)
-- title: Antidepressants in the acute phase
-- definition: Adults who start an antidepressant and are covered for 84 of the following 115 days.
SELECT
    k.person_key, k."year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN a.covered_days >= 84 THEN 1 ELSE 0 END AS met, CAST(a.covered_days AS DOUBLE) AS measure_value
FROM quality_known AS k
JOIN antidepressant AS a ON a.person_key = k.person_key AND a."year" = k."year"
WHERE k.age >= 18 AND k.depression_from <= end_day
