-- documents of types that the model does not know
INSERT INTO chosen_entities
SELECT entity_type, entity_id
{rows}
AND NOT is_typed
