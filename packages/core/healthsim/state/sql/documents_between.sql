SELECT entity_id, document::VARCHAR, provenance::VARCHAR, envelope::VARCHAR
FROM main.scenario_documents
WHERE scenario_id = $scenario::UUID AND entity_type = $type AND position BETWEEN $first AND $last
ORDER BY position
