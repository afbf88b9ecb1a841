SELECT DISTINCT entity_type, entity_id FROM (
    SELECT entity_type, entity_id FROM scenario_entities
    UNION ALL
    SELECT entity_type, entity_id FROM scenario_documents
)
