SELECT
    s.scenario_id::VARCHAR, s.name, s.description, t.tags, s.product, s.format, s.created_at, s.updated_at, s.entity_count,
    s.entity_counts::VARCHAR, s.attributes::VARCHAR, s.envelope::VARCHAR
FROM main.scenarios AS s
LEFT JOIN (
    SELECT scenario_id, list(tag ORDER BY position) AS tags FROM main.scenario_tags GROUP BY scenario_id
) AS t USING (scenario_id)
WHERE s.name = $name OR s.scenario_id::VARCHAR = $id
ORDER BY s.name = $name DESC
LIMIT 1
