SELECT * EXCLUDE (scenario_id, saved_at), -1 AS ordinal, TRUE AS together, FALSE AS id_from_content
FROM main.{table}
WHERE {here} AND part_of IS NOT NULL
