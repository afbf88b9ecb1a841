-- rows that are part of documents as JSON, by what they are part of
SELECT owner, to_json(t)::VARCHAR
FROM (SELECT part_of AS owner, struct_pack({columns}) AS t FROM {table} WHERE part_of IN (SELECT unnest($ids)))
