-- Each time of a step of a journey is there once for a patient.
-- severity: fail
-- columns: journey_steps.occurrence
SELECT max(journey_step_id) AS id, patient_id, journey, step, occurrence, count(*) AS rows
FROM journey_steps
GROUP BY patient_id, journey, step, occurrence
HAVING count(*) > 1
