-- Statin therapy in cardiovascular disease
-- number: 11
-- population: Men 21-75 and women 40-75 with atherosclerotic cardiovascular disease
-- numerator: A statin ordered or dispensed in the year
-- exclusions: Hospice, end-stage renal disease, pregnancy in the year
-- source: HEDIS MY 2024 (NCQA), simplified to what synthetic data holds; Statin Therapy for Patients With
--   Cardiovascular Disease (SPC)
-- title: Statins in cardiovascular disease
-- definition: Persons with atherosclerotic cardiovascular disease who got a statin in the year.
SELECT
    person_key, "year", CASE WHEN hospice_from <= end_day OR esrd_from <= end_day OR has_pregnancy = 1 THEN 1 ELSE 0 END AS excluded,
    CASE WHEN has_statin = 1 THEN 1 ELSE 0 END AS met, CAST(NULL AS DOUBLE) AS measure_value
FROM quality_known
WHERE ascvd_from <= end_day AND ((gender = 'M' AND age BETWEEN 21 AND 75) OR (gender = 'F' AND age BETWEEN 40 AND 75))
