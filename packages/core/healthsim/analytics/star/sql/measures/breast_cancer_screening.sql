-- Breast cancer screening
-- number: 7
-- population: Women 52-74
-- numerator: A mammogram from October two years before to the end of the year
-- exclusions: Hospice, bilateral mastectomy
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Breast Cancer Screening (BCS)
-- definition: Women 52 to 74 with a mammogram within 27 months.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR mastectomy_from <= end_day THEN 1 ELSE 0 END AS excluded,
    CASE WHEN mammogram_last >= make_date(CAST("year" AS INTEGER) - 2, 10, 1) THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE gender = 'F' AND age BETWEEN 52 AND 74
