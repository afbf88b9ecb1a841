-- HbA1c poor control (above 9 % or not tested)
-- number: 3
-- population: Persons 18-75 with diabetes (E10, E11, E13) by the end of the year
-- numerator: Last HbA1c of the year above 9 %, or none
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Glycemic Status Assessment (GSD)
-- better: lower
-- title: HbA1c above 9 % or not tested
-- definition: Persons with diabetes whose last HbA1c of the year was above 9 %, or who had none. Low is good.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN hba1c IS NULL OR hba1c > 9 THEN 1 ELSE 0 END AS met, hba1c AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 75 AND diabetes_from <= end_day
