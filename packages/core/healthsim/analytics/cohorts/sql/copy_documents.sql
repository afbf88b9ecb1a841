-- The documents of what is kept, in their order.
INSERT INTO main.scenario_documents
SELECT
    $target::UUID, d.entity_type, d.entity_id, d.position, d.is_typed, d.document, d.provenance, d.envelope, d.characters
FROM main.scenario_documents AS d
JOIN cohort_kept AS k ON k.entity_type = d.entity_type AND k.entity_id = d.entity_id
WHERE d.scenario_id = $scenario::UUID AND d.is_typed
