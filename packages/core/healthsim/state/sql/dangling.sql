-- rows that refer to an entity which their scenario does not have
SELECT count(*)
FROM (SELECT scenario_id, {column} AS {id} FROM main.{table} WHERE {column} IS NOT NULL)
ANTI JOIN main.{target} USING (scenario_id, {id})
