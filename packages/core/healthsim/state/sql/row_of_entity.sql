-- The row of one entity of {table}.
SELECT {columns} FROM {table} WHERE {key} = $id ORDER BY part_of NULLS FIRST LIMIT 1
