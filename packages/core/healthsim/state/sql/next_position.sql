SELECT coalesce(max(position) + 1, 0) FROM main.scenario_documents WHERE {here}
