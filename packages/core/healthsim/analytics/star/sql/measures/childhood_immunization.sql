-- Childhood immunization
-- number: 12
-- population: Children who turn 2 in the year
-- numerator: By the second birthday: 4 DTaP, 3 IPV, 1 MMR, 3 Hib, 3 hepatitis B, 1 varicella, 4 pneumococcal
-- exclusions: Hospice
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Childhood Immunization Status (CIS),
--   combination 3
-- definition: Children who turned 2 in the year with the vaccines of combination 3.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN vaccines_complete = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE age = 2
