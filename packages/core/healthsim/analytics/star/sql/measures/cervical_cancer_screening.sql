-- Cervical cancer screening
-- number: 9
-- population: Women 24-64
-- numerator: Cytology within 3 years, or from 30 an HPV test within 5 years
-- exclusions: Hospice, hysterectomy
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Cervical Cancer Screening (CCS)
-- definition: Women 24 to 64 who are up to date with cytology or an HPV test.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR hysterectomy_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN year(pap_last) > "year" - 3 OR (age >= 30 AND year(hpv_last) > "year" - 5) THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE gender = 'F' AND age BETWEEN 24 AND 64
