-- the documents of another scenario: those that take the place of one stand where it stood, the others follow
SELECT
    s.entity_type, s.entity_id,
    coalesce(
        r.position,
        s.position + (SELECT coalesce(max(position) + 1, 0) FROM main.scenario_documents WHERE {in_target})
    ) AS position,
    s.is_typed, s.document, s.provenance, s.envelope, s.characters
FROM main.scenario_documents AS s
LEFT JOIN replaced AS r USING (entity_type, entity_id)
WHERE s.{in_source}
