DELETE FROM main.{table} AS t
USING (SELECT {id} AS id, part_of FROM main.{table} WHERE scenario_id = $source::UUID) AS s
WHERE t.scenario_id = $target::UUID AND t.{id} = s.id AND (t.part_of IS NOT NULL OR s.part_of IS NULL)
