-- The document of one entity, verbatim, where it came as one; the newest of several copies.
SELECT document::VARCHAR
FROM scenario_documents
WHERE entity_type = $type AND entity_id = $id
ORDER BY position DESC
LIMIT 1
