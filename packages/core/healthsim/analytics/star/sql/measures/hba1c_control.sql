-- HbA1c control (below 8 %)
-- number: 2
-- population: Persons 18-75 with diabetes (E10, E11, E13) by the end of the year
-- numerator: Last HbA1c of the year below 8 %
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Glycemic Status Assessment (GSD)
-- title: HbA1c below 8 %
-- definition: Persons with diabetes whose last HbA1c of the year was below 8 %.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN hba1c < 8 THEN 1 ELSE 0 END AS met, hba1c AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 75 AND diabetes_from <= end_day
