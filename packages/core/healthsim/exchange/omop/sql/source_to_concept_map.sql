-- How each source code of the scenario that has a standard concept was mapped.
SELECT DISTINCT
    left(coalesce(nullif(m.code, ''), m.name), 50) AS source_code,
    m.source_concept_id,
    left(m.vocabulary, 20) AS source_vocabulary_id,
    NULL AS source_code_description,
    m.concept_id AS target_concept_id,
    c.vocabulary_id AS target_vocabulary_id,
    DATE '1970-01-01' AS valid_start_date,
    DATE '2099-12-31' AS valid_end_date,
    NULL AS invalid_reason
FROM stage_map AS m
JOIN stage_concept AS c ON c.concept_id = m.concept_id
WHERE m.concept_id <> 0 AND coalesce(nullif(m.code, ''), m.name) IS NOT NULL
