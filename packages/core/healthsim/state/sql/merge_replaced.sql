-- documents of a scenario whose ids another one has, and where they stand
CREATE OR REPLACE TEMP TABLE replaced AS
SELECT t.entity_type, t.entity_id, t.position, FALSE AS is_read
FROM main.scenario_documents AS t
WHERE t.{in_target}
    AND (t.entity_type, t.entity_id) IN (
        SELECT (s.entity_type, s.entity_id) FROM main.scenario_documents AS s WHERE s.{in_source}
    )
