-- How many rows of {table} refer to an entity by {column}, and the ids of the first of them.
SELECT count(*), list({key} ORDER BY {key})[1:{most}] FROM {table} WHERE {column} = $id
