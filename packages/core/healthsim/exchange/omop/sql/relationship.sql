-- One row per kind of relationship between concepts.
SELECT
    id AS relationship_id, name AS relationship_name, is_hierarchical, defines_ancestry, reverse_id AS reverse_relationship_id,
    concept_id AS relationship_concept_id
FROM stage_term
WHERE kind = 'relationship'
