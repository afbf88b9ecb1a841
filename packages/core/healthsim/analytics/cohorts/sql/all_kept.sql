-- Every row of a table that belongs to no person: providers, facilities, plans, sites ...
INSERT INTO cohort_kept
SELECT $type, t.{id}
FROM main.{table} AS t
WHERE t.{here}
