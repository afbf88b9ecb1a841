-- documents of types that the model does not know, of which a chosen row is a part
INSERT INTO chosen_entities
SELECT DISTINCT d.entity_type, d.entity_id
FROM (SELECT entity_type, entity_id {documents} AND NOT is_typed) AS d
JOIN (SELECT DISTINCT part_of {rows} AND part_of IS NOT NULL) AS t ON t.part_of = d.entity_type || '/' || d.entity_id
