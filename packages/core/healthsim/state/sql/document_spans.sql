SELECT entity_type, count(*), min(position), max(position), max(characters)
FROM main.scenario_documents
WHERE scenario_id = $scenario::UUID
GROUP BY entity_type
ORDER BY min(position)
