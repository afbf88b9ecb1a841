-- Of the branches of a choice at most one is taken.
-- severity: fail
-- columns: journey_steps.relation
SELECT max(journey_step_id) AS id, patient_id, journey, predecessor AS choice, string_agg(step, ', ' ORDER BY step) AS taken
FROM journey_steps
WHERE relation = 'from' AND happened
GROUP BY patient_id, journey, predecessor, occurrence
HAVING count(DISTINCT step) > 1
