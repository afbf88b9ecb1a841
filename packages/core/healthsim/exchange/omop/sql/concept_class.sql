-- One row per class that concepts belong to.
SELECT id AS concept_class_id, name AS concept_class_name, concept_id AS concept_class_concept_id
FROM stage_term
WHERE kind = 'concept_class'
