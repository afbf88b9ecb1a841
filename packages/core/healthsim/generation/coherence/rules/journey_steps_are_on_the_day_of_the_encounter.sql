-- A step of a journey happens on the day on which its encounter begins.
-- severity: fail
-- columns: journey_steps.happened_date, encounters.start_datetime
SELECT s.journey_step_id AS id, s.step, s.happened_date, e.encounter_id, e.start_datetime
FROM journey_steps AS s
JOIN encounters AS e ON e.encounter_id = s.encounter_id
WHERE s.happened_date <> e.start_datetime::DATE
