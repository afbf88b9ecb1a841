SELECT coalesce(gender, 'unknown'), count(*) FROM main.{table} WHERE scenario_id = $scenario::UUID GROUP BY 1 ORDER BY 1
