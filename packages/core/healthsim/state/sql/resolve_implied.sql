-- what a row leaves out, and an entity that it refers to says
UPDATE main.{table} AS t
SET {column} = m.{column}, saved_at = $now
FROM main.{through} AS m
WHERE t.{here} AND m.{here}
    AND t.{link} = m.{key} AND t.{column} IS NULL AND m.{column} IS NOT NULL
