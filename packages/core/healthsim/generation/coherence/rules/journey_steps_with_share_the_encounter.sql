-- What a journey plans with another step happens in the same encounter.
-- severity: fail
-- columns: journey_steps.relation
SELECT s.journey_step_id AS id, s.step, s.encounter_id, p.step AS predecessor, p.encounter_id AS of_predecessor
FROM journey_steps AS s
JOIN journey_steps AS p
    ON p.patient_id = s.patient_id AND p.journey = s.journey AND p.step = s.predecessor AND p.occurrence = s.occurrence
WHERE s.relation = 'with' AND s.happened AND s.encounter_id IS DISTINCT FROM p.encounter_id
