-- an entity with a document of its own does not give way to a mention inside another document; what is there just so stays
DELETE FROM main.{table} AS t
USING incoming AS i
WHERE t.{here} AND t.{id} = i.final_id AND (t.part_of IS NOT NULL OR i.part_of IS NULL)
    AND i.ordinal NOT IN (SELECT s.ordinal FROM same_rows AS s)
