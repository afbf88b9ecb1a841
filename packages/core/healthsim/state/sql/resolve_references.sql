UPDATE main.{table} AS t
SET {column} = m.id
FROM ({map}) AS m
WHERE t.scenario_id = $scenario::UUID AND t.{column} = m.natural_key
