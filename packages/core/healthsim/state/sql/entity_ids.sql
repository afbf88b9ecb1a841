SELECT DISTINCT entity_type, entity_id FROM (
    SELECT entity_type, entity_id FROM main.scenario_entities WHERE scenario_id = $scenario::UUID
    UNION ALL
    SELECT entity_type, entity_id FROM main.scenario_documents WHERE scenario_id = $scenario::UUID
)
