-- The kept rows of a table, as rows of the new scenario; one that stood inside of a document that is not kept stands alone.
INSERT INTO main.{table}
SELECT {values}
FROM main.{table} AS t
JOIN cohort_kept AS k ON k.entity_type = $type AND k.entity_id = t.{id}
LEFT JOIN cohort_kept AS c ON t.part_of = c.entity_type || '/' || c.entity_id
WHERE t.scenario_id = $scenario::UUID
