WHERE NOT EXISTS (
    FROM main.{table} AS t WHERE t.scenario_id = $scenario::UUID AND t.{id} = s.final_id
)
