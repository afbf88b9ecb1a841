-- Statin therapy in diabetes
-- number: 10
-- population: Persons 40-75 with diabetes and without atherosclerotic cardiovascular disease
-- numerator: A statin ordered or dispensed in the year
-- exclusions: Hospice, end-stage renal disease, pregnancy in the year
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Statin Therapy for Patients With Diabetes
--   (SPD)
-- title: Statins in diabetes
-- definition: Persons 40 to 75 with diabetes who got a statin in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR esrd_from <= end_day OR has_pregnancy = 1 THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_statin = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age BETWEEN 40 AND 75 AND diabetes_from <= end_day AND (ascvd_from IS NULL OR ascvd_from > end_day)
