-- what stands inside of a chosen document is chosen with it
INSERT INTO chosen
SELECT $type, t.{id}
FROM (SELECT * {rows}) AS t
JOIN chosen AS k ON t.part_of = k.entity_type || '/' || k.entity_id
WHERE NOT EXISTS (SELECT 1 FROM chosen AS o WHERE o.entity_type = $type AND o.entity_id = t.{id})
