-- The kept rows of a table; one that stood inside of a document that is not kept stands alone.
SELECT t.* EXCLUDE (scenario_id, saved_at) REPLACE (CASE WHEN c.entity_id IS NOT NULL THEN t.part_of END AS part_of)
FROM main.{table} AS t
JOIN cohort_kept AS k ON k.entity_type = $type AND k.entity_id = t.{id}
LEFT JOIN cohort_kept AS c ON t.part_of = c.entity_type || '/' || c.entity_id
WHERE t.{here}
