-- The standard concept and the source concept of each code in use.
SELECT m.* REPLACE (coalesce(nullif(m.source_concept_id, 0), l.concept_id, 0) AS source_concept_id)
FROM stage_mapped AS m
LEFT JOIN stage_local AS l ON l.vocabulary = m.vocabulary AND l.code = m.code
