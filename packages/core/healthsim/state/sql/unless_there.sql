WHERE NOT EXISTS (
    FROM main.{table} AS t WHERE t.{here} AND t.{id} = s.final_id
)
