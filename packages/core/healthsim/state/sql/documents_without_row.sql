SELECT count(*)
FROM (SELECT scenario_id, entity_id AS {id} FROM main.scenario_documents WHERE entity_type = {type})
ANTI JOIN (SELECT scenario_id, {id} FROM main.{table} WHERE part_of IS NULL) USING (scenario_id, {id})
