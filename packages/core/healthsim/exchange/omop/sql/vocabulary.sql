-- One row per vocabulary that concepts belong to.
SELECT
    id AS vocabulary_id, name AS vocabulary_name, 'OMOP Standardized Vocabularies' AS vocabulary_reference,
    CASE WHEN id = 'None' THEN $vocabulary_version END AS vocabulary_version, concept_id AS vocabulary_concept_id
FROM stage_term
WHERE kind = 'vocabulary'
