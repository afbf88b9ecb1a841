-- A local concept for each source code whose own concept is not known, above 2,000,000,000 as OMOP reserves for them. It
-- belongs to the vocabulary of the code, is never standard, and maps to the standard concept of the code.
WITH code AS (
    SELECT
        m.vocabulary, m.code, min(nullif(m.name, '')) AS name, min(m.domain_id) AS domain_id, min(m.concept_id) AS target_concept_id
    FROM stage_mapped AS m
    JOIN {cdm}.vocabulary AS v ON v.vocabulary_id = m.vocabulary
    WHERE m.source_concept_id = 0 AND m.code <> '' AND m.vocabulary <> 'None'
    GROUP BY m.vocabulary, m.code
)
SELECT
    CAST(2000000000 + row_number() OVER (ORDER BY vocabulary, code) AS INTEGER) AS concept_id,
    *
FROM code
