-- the rows of another scenario whose ids are free
SELECT s.* EXCLUDE (scenario_id, saved_at)
FROM main.{table} AS s
WHERE s.scenario_id = $source::UUID
    AND NOT EXISTS (FROM main.{table} AS t WHERE t.scenario_id = $target::UUID AND t.{id} = s.{id})
