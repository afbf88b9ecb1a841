SELECT
    s.scenario_id::VARCHAR, s.name, s.description,
    (SELECT list(t.tag ORDER BY t.position) FROM main.scenario_tags AS t WHERE t.scenario_id = s.scenario_id),
    s.product, s.format, s.created_at, s.updated_at, s.entity_count, s.entity_counts::VARCHAR,
    s.attributes::VARCHAR, s.envelope::VARCHAR
FROM main.scenarios AS s
WHERE s.name = $name OR s.scenario_id = $id::UUID
ORDER BY s.name = $name DESC
LIMIT 1
