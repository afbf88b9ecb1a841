-- of documents that share an id: those written under another one, and those that give way to a later one
CREATE OR REPLACE TEMP TABLE moved AS
SELECT
    s.position, s.entity_type, s.is_typed, s.entity_id AS old_id,
    substr(i.final_id, length(s.entity_id) + 1) AS suffix,
    i.position IS NULL AS is_gone
FROM {source} AS s
LEFT JOIN incoming AS i ON i.position = s.position
WHERE i.position IS NULL OR i.final_id <> s.entity_id
