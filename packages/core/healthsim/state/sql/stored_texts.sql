SELECT document::VARCHAR, provenance::VARCHAR, envelope::VARCHAR
FROM main.scenario_documents
WHERE scenario_id = $scenario::UUID
