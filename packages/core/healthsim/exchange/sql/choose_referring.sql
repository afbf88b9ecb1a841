-- the rows of a table that refer to what is chosen
INSERT INTO chosen
SELECT DISTINCT $type, t.{id}
FROM (SELECT * {rows}) AS t
JOIN chosen AS k ON k.entity_type = $target AND k.entity_id = t.{reference}
WHERE NOT EXISTS (SELECT 1 FROM chosen AS o WHERE o.entity_type = $type AND o.entity_id = t.{id})
