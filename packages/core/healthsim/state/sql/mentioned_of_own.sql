-- how many staged rows that documents carry are of entities that have a document of their own as well
SELECT count(*)
FROM {source}
WHERE together AND {id} IN (SELECT o.{id} FROM {source} AS o WHERE o.part_of IS NULL)
