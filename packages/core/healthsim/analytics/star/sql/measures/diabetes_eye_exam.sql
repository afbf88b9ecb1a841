-- Eye exam in diabetes
-- number: 4
-- population: Persons 18-75 with diabetes by the end of the year
-- numerator: A retinal or dilated eye exam in the year
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Eye Exam for Patients With Diabetes (EED)
-- definition: Persons with diabetes who had an eye exam in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_eye_exam = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 75 AND diabetes_from <= end_day
