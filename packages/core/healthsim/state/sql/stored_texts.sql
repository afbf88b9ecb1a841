SELECT document::VARCHAR, provenance::VARCHAR, envelope::VARCHAR
FROM scenario_documents
