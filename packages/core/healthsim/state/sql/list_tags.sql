SELECT scenario_id::VARCHAR, tag FROM main.scenario_tags ORDER BY position
