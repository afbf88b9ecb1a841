-- Nobody is cared for after their death; paperwork (results, adjudication, payment) may follow it.
-- severity: fail
-- each: care
SELECT t.{id} AS id, '{plural}' AS "table", '{column}' AS "column", t.{column}::DATE AS day, p.death_date
FROM {table} AS t
JOIN lives AS p ON p.patient_id = t.patient_id
WHERE t.{column}::DATE > p.death_date
