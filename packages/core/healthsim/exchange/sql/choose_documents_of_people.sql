-- documents of types that the model does not know, where they name a chosen patient by its id
INSERT INTO chosen_entities
SELECT DISTINCT d.entity_type, d.entity_id
FROM (SELECT entity_type, entity_id, document::VARCHAR AS document {rows} AND NOT is_typed) AS d
JOIN chosen AS k ON k.entity_type = 'patient'
    AND (
        contains(d.document, '"' || k.entity_id || '"')
        OR contains(d.document, '/' || k.entity_id || '"')
        OR contains(d.document, ':' || k.entity_id || '"')
    )
