-- Nothing about a patient is dated before their birth.
-- severity: fail
-- each: dated
SELECT t.{id} AS id, '{plural}' AS "table", '{column}' AS "column", t.{column}::DATE AS day, p.birth_date
FROM {table} AS t
JOIN lives AS p ON p.patient_id = t.patient_id
WHERE t.{column}::DATE < p.birth_date
