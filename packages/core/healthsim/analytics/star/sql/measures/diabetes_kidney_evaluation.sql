-- Kidney health evaluation in diabetes
-- number: 5
-- population: Persons 18-85 with diabetes by the end of the year
-- numerator: Both an eGFR and a urine albumin-creatinine ratio in the year
-- exclusions: Hospice, end-stage renal disease
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Kidney Health Evaluation (KED)
-- title: Kidney evaluation in diabetes
-- definition: Persons with diabetes who had an eGFR and a urine albumin-creatinine ratio in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR esrd_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_egfr = 1 AND has_uacr = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 85 AND diabetes_from <= end_day
