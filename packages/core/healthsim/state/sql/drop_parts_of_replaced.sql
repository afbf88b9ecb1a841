-- what a replaced document carried goes with it
DELETE FROM main.{table}
WHERE {here}
    AND part_of IN (SELECT r.entity_type || '/' || r.entity_id FROM replaced AS r WHERE {whose})
