INSERT INTO main.scenario_tags (scenario_id, tag, position)
SELECT $scenario::UUID, tag, position
FROM (SELECT unnest($tags::VARCHAR[]) AS tag, generate_subscripts($tags::VARCHAR[], 1) AS position)
