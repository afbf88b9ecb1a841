UPDATE main.{table} AS t
-- the row is another one now, and who keeps what was made from it must see that
SET {column} = m.id, saved_at = $now
FROM ({map}) AS m
WHERE t.{here} AND t.{column} = m.natural_key AND m.id <> m.natural_key
