-- A subject completes the study or leaves it, not both; who failed screening was not randomised.
-- severity: fail
-- columns: subjects.completion_date, subjects.discontinuation_date, subjects.subject_status,
--   subjects.randomization_date
SELECT subject_id AS id, subject_status, randomization_date, completion_date, discontinuation_date
FROM subjects
WHERE (completion_date IS NOT NULL AND discontinuation_date IS NOT NULL)
    OR (regexp_matches(subject_status, 'screen.?fail', 'i') AND randomization_date IS NOT NULL)
