-- Child and adolescent well-care visits
-- number: 13
-- population: Persons 3-21
-- numerator: At least one well-care visit in the year
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Child and Adolescent Well-Care Visits
--   (WCV)
-- title: Well-care visits of children
-- definition: Persons 3 to 21 with a well-care visit in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_well_visit = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age BETWEEN 3 AND 21
