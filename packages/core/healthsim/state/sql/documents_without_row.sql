SELECT count(*)
FROM main.scenario_documents AS d
WHERE d.entity_type = {type} AND NOT EXISTS (
    FROM main.{table} AS t WHERE t.scenario_id = d.scenario_id AND t.{id} = d.entity_id AND t.part_of IS NULL
)
