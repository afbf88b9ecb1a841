SELECT entity_id, document::VARCHAR, provenance::VARCHAR, envelope::VARCHAR
FROM scenario_documents
WHERE entity_type = $type AND position BETWEEN $first AND $last
ORDER BY position
