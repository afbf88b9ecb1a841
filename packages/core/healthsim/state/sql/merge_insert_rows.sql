INSERT INTO main.{table}
SELECT {values}
FROM main.{table} AS s
WHERE s.scenario_id = $source::UUID
    AND NOT EXISTS (FROM main.{table} AS t WHERE t.scenario_id = $target::UUID AND t.{id} = s.{id})
