-- rows of entities of their own as JSON, by id
SELECT owner, to_json(t)::VARCHAR
FROM (SELECT {id} AS owner, struct_pack({columns}) AS t FROM {table} WHERE part_of IS NULL AND {id} IN (SELECT unnest($ids)))
