-- A step of a journey happens only where the step that it follows has happened, and not before that one.
-- severity: fail
-- columns: journey_steps.predecessor
SELECT s.journey_step_id AS id, s.step, s.happened_date, s.predecessor, max(p.happened_date) AS predecessor_date
FROM journey_steps AS s
LEFT JOIN journey_steps AS p
    ON p.patient_id = s.patient_id AND p.journey = s.journey AND p.step = s.predecessor AND p.occurrence IN (1, s.occurrence) AND p.happened
WHERE s.happened AND s.predecessor IS NOT NULL
GROUP BY s.journey_step_id, s.step, s.happened_date, s.predecessor, s.occurrence
-- of a predecessor that comes again, the same time counts
HAVING coalesce(arg_max(p.happened_date, p.occurrence) > s.happened_date, TRUE)
