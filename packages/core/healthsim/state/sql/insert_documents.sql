INSERT INTO main.scenario_documents
    (scenario_id, entity_type, entity_id, position, is_typed, document, provenance, envelope, characters)
SELECT
    $scenario::UUID, i.entity_type, i.final_id, coalesce(r.position, i.position + $offset), i.is_typed,
    i.document, i.provenance, i.envelope, length(i.document)
FROM incoming AS i
LEFT JOIN replaced AS r ON r.entity_type = i.entity_type AND r.entity_id = i.final_id
WHERE i.position NOT IN (SELECT u.position FROM unchanged AS u)
