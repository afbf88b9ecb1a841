SELECT count(*)
FROM main.{table} AS t
WHERE t.{column} IS NOT NULL AND NOT EXISTS (
    FROM main.{target} AS o WHERE o.scenario_id = t.scenario_id AND o.{id} = t.{column}
)
