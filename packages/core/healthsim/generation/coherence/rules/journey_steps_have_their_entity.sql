-- A step of a journey that happened has its entity (a choice has what was chosen), and one that did not says why not.
-- severity: fail
-- columns: journey_steps.happened
WITH entities AS (
    SELECT encounter_id AS id FROM encounters
    UNION ALL SELECT order_id FROM orders
    UNION ALL SELECT medication_id FROM medications
    UNION ALL SELECT procedure_id FROM procedures
)
SELECT s.journey_step_id AS id, s.step, s.happened, s.why_not, s.entity_type, s.entity_id
FROM journey_steps AS s
LEFT JOIN entities AS e ON e.id = s.entity_id
WHERE
    (s.happened AND s.kind = 'choice' AND s.chosen IS NULL)
    OR (s.happened AND s.kind <> 'choice' AND e.id IS NULL)
    OR (s.happened AND s.why_not IS NOT NULL)
    OR (NOT s.happened AND (s.why_not IS NULL OR s.entity_id IS NOT NULL))
