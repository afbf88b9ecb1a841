-- Colorectal cancer screening
-- number: 8
-- population: Persons 45-75
-- numerator: Stool blood test in the year, stool DNA test within 3, sigmoidoscopy within 5, or colonoscopy within
--   10 years
-- exclusions: Hospice, colorectal cancer
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Colorectal Cancer Screening (COL)
-- definition: Persons 45 to 75 who are up to date with a screening test.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR colorectal_cancer_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE
        WHEN has_fit = 1 OR year(colonoscopy_last) > "year" - 10 OR year(stool_dna_last) > "year" - 3
            OR year(sigmoidoscopy_last) > "year" - 5 THEN 1
        ELSE 0
    END AS met,
    CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age BETWEEN 45 AND 75
