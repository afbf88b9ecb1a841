-- One row per role of a human being: which human it is, as the star says it.
SELECT entity_type AS role, entity_id AS id, person_id AS human
FROM person_records AS r
