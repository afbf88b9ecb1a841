-- The rows of a table that refer to what is kept.
INSERT INTO cohort_kept
SELECT DISTINCT $type, t.{id}
FROM main.{table} AS t
JOIN cohort_kept AS k ON k.entity_type = $target AND k.entity_id = t.{reference}
WHERE t.{here}
    AND NOT EXISTS (SELECT 1 FROM cohort_kept AS o WHERE o.entity_type = $type AND o.entity_id = t.{id})
