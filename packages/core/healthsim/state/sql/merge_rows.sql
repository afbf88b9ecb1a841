-- the rows of another scenario whose ids are free
SELECT s.* EXCLUDE (scenario_id, saved_at)
FROM main.{table} AS s
WHERE s.{in_source}
    AND NOT EXISTS (FROM main.{table} AS t WHERE t.{in_target} AND t.{id} = s.{id})
