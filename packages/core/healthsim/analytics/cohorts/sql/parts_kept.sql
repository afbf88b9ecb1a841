-- What stands inside of a kept document is kept with it.
INSERT INTO cohort_kept
SELECT $type, t.{id}
FROM main.{table} AS t
JOIN cohort_kept AS k ON t.part_of = k.entity_type || '/' || k.entity_id
WHERE t.{here}
    AND NOT EXISTS (SELECT 1 FROM cohort_kept AS o WHERE o.entity_type = $type AND o.entity_id = t.{id})
