-- A subject's visits, and doses, follow the consent.
-- severity: fail
-- any of: trial_visits.visit_date, exposures.exstdtc, subjects.informed_consent_date
WITH acts AS (
    SELECT trial_visit_id AS id, 'trial_visits' AS "table", subject_id, visit_date AS day FROM trial_visits
    UNION ALL SELECT exposure_id, 'exposures', subject_id, exstdtc FROM exposures
    UNION ALL SELECT disposition_event_id, 'disposition_events', subject_id, dsstdtc FROM disposition_events
)
SELECT a.id, a."table", a.day, s.informed_consent_date
FROM acts AS a
JOIN subjects AS s ON s.subject_id = a.subject_id
WHERE a.day < s.informed_consent_date
