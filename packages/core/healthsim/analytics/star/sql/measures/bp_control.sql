-- Blood pressure control
-- number: 6
-- population: Persons 18-85 with hypertension (I10) diagnosed before July of the year
-- numerator: Lowest systolic and diastolic of the last day with a reading in the year below 140 and 90
-- exclusions: Hospice, end-stage renal disease, pregnancy in the year
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Controlling High Blood Pressure (CBP)
-- definition: Persons with hypertension whose last blood pressure of the year was below 140/90.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR esrd_from <= end_day OR has_pregnancy = 1 THEN 1 ELSE 0 END AS excluded,
    CASE WHEN systolic < 140 AND diastolic < 90 THEN 1 ELSE 0 END AS met, systolic AS measure_value
FROM quality_known
WHERE age BETWEEN 18 AND 85 AND hypertension_from < make_date(CAST("year" AS INTEGER), 7, 1)
