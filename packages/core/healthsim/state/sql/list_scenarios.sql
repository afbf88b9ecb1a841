SELECT
    scenario_id::VARCHAR, name, description, NULL, product, format, created_at, updated_at,
    entity_count, entity_counts::VARCHAR, NULL, NULL
FROM main.scenarios
WHERE {conditions}
ORDER BY {order}
