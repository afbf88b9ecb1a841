-- A subject consents, is randomised, and completes or leaves the study, in this order.
-- severity: fail
-- columns: subjects.informed_consent_date, subjects.randomization_date, subjects.completion_date,
--   subjects.discontinuation_date
SELECT subject_id AS id, informed_consent_date, randomization_date, completion_date, discontinuation_date
FROM subjects
WHERE informed_consent_date > randomization_date
    OR coalesce(randomization_date, informed_consent_date) > completion_date
    OR informed_consent_date > discontinuation_date
