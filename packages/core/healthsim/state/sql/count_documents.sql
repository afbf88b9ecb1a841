SELECT entity_type, count(*) FROM main.scenario_documents WHERE scenario_id = $scenario::UUID GROUP BY ALL
