-- parts of documents that give way to later parts; one that gives way to an entity with a document of its own is none of them
SELECT count(*)
FROM {source} AS s
JOIN copies AS c USING (ordinal)
WHERE NOT c.is_last AND s.part_of IS NOT NULL AND NOT EXISTS (
    FROM {source} AS o WHERE o.{id} = s.{id} AND o.part_of IS NULL
)
