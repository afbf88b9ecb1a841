-- Treatment begins with randomisation or later, ends after it begins, and does not go on after the subject left.
-- severity: fail
-- columns: exposures.exstdtc, exposures.exendtc, subjects.randomization_date, subjects.completion_date,
--   subjects.discontinuation_date
SELECT x.exposure_id AS id, x.exstdtc, x.exendtc, s.randomization_date
FROM exposures AS x
JOIN subjects AS s ON s.subject_id = x.subject_id
WHERE x.exstdtc < s.randomization_date OR x.exendtc < x.exstdtc
    OR x.exstdtc > coalesce(s.completion_date, s.discontinuation_date)
