SELECT count(*)
FROM main.{table} AS t
WHERE t.part_of IS NOT NULL AND NOT EXISTS (
    FROM main.scenario_documents AS d
    WHERE d.scenario_id = t.scenario_id AND d.entity_type || '/' || d.entity_id = t.part_of
)
