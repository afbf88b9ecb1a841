WITH tagged AS (
    SELECT scenario_id, list(tag ORDER BY position) AS tags FROM main.scenario_tags GROUP BY scenario_id
)
SELECT
    s.scenario_id::VARCHAR, s.name, s.description, t.tags, s.product, s.format, s.created_at, s.updated_at,
    s.entity_count, s.entity_counts::VARCHAR, NULL, NULL, count(*) OVER ()
FROM main.scenarios AS s
LEFT JOIN tagged AS t USING (scenario_id)
WHERE list_has_all(coalesce(t.tags, []), $tags::VARCHAR[])
    AND (
        $search = '' OR contains(lower(s.name), $search) OR contains(lower(coalesce(s.description, '')), $search)
        OR contains(lower(array_to_string(coalesce(t.tags, []), chr(10))), $search)
    )
    AND ($product IS NULL OR s.product = $product OR list_has_any(json_keys(s.entity_counts), $collections::VARCHAR[]))
ORDER BY {order}
LIMIT $limit
