DELETE FROM main.scenario_documents
WHERE {here}
    AND (entity_type, entity_id) IN (SELECT (r.entity_type, r.entity_id) FROM replaced AS r)
