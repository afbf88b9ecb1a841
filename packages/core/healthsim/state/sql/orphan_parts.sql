SELECT count(*)
FROM (SELECT scenario_id, part_of FROM main.{table} WHERE part_of IS NOT NULL)
ANTI JOIN (SELECT scenario_id, entity_type || '/' || entity_id AS part_of FROM main.scenario_documents)
    USING (scenario_id, part_of)
