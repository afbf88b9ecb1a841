-- Adherence to diabetes medications
-- number: 14
-- population: Adults with fills on at least two days of the year
-- numerator: Proportion of days covered of at least 80 %
-- exclusions: Hospice, end-stage renal disease, insulin in the year
-- source: Medicare Part D Star Ratings measure (PQA), simplified; Medication Adherence for Diabetes Medications
-- metric: pdc_diabetes
-- title: Adherence to diabetes medications
-- area: pharmacy
-- definition: Persons with a proportion of days covered of at least 80 %, of those with fills on two days of the
--   year or more.
SELECT
    k.person_key, k."year", CASE WHEN hospice_from <= end_day OR esrd_from <= end_day OR insulin_year = k."year" THEN 1 ELSE 0 END AS excluded,
    CASE WHEN a.covered_days >= 0.8 * a.period_days THEN 1 ELSE 0 END AS met, CAST(a.covered_days AS DOUBLE) / a.period_days AS measure_value
FROM quality_known AS k
JOIN adherence AS a ON a.person_key = k.person_key AND a."year" = k."year" AND a.adherence_class = 'diabetes'
WHERE k.age >= 18 AND a.fills >= 2
