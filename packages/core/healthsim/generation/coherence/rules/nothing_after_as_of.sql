-- Care of a generated population lies on or before the day up to which it was generated.
-- severity: fail
-- each: care
SELECT t.{id} AS id, '{plural}' AS "table", '{column}' AS "column", t.{column}::DATE AS day
FROM {table} AS t
WHERE t.{column}::DATE > $as_of::DATE
