-- The concepts of the map, and those that stand for domains, vocabularies, classes and relationships.
SELECT
    concept_id, left(concept_name, 255) AS concept_name, domain_id, vocabulary_id, concept_class_id, standard_concept,
    left(concept_code, 50) AS concept_code, valid_start_date, valid_end_date, invalid_reason
FROM stage_concept
