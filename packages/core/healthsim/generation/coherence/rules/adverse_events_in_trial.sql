-- An adverse event begins after the consent and at most 30 days after the subject's last day, and ends after it
-- begins.
-- severity: fail
-- columns: adverse_events.aestdtc, adverse_events.aeendtc, subjects.informed_consent_date, subjects.completion_date,
--   subjects.discontinuation_date
SELECT a.adverse_event_id AS id, a.aestdtc, a.aeendtc, s.informed_consent_date
FROM adverse_events AS a
JOIN subjects AS s ON s.subject_id = a.subject_id
WHERE a.aestdtc < s.informed_consent_date OR a.aeendtc < a.aestdtc
    OR a.aestdtc > coalesce(s.completion_date, s.discontinuation_date) + 30
