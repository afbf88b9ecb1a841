-- The documents of what is kept, in their order.
SELECT d.* EXCLUDE (scenario_id)
FROM main.scenario_documents AS d
JOIN cohort_kept AS k ON k.entity_type = d.entity_type AND k.entity_id = d.entity_id
WHERE d.{here} AND d.is_typed
