DELETE FROM main.{table} AS t
USING (SELECT {id} AS id, part_of FROM main.{table} WHERE {in_source}) AS s
WHERE t.{in_target} AND t.{id} = s.id AND (t.part_of IS NOT NULL OR s.part_of IS NULL)
