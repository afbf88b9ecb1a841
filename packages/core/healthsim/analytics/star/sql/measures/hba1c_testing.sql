-- HbA1c testing
-- number: 1
-- population: Persons 18-75 with diabetes (E10, E11, E13) by the end of the year
-- numerator: At least one HbA1c result or test in the year
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Comprehensive Diabetes Care
-- definition: Persons with diabetes who had an HbA1c test in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_hba1c = 1 THEN 1 ELSE 0 END AS met, hba1c AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 75 AND diabetes_from <= end_day
