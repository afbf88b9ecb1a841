-- The standard concept of each code in use: as the map says, the concept of that code itself, the longest beginning of
-- the code that the map knows, or for a drug the one ingredient that its name begins with. Otherwise none.
WITH exact AS (
    SELECT c.*, m.concept_id, 1 AS rank
    FROM stage_code AS c
    JOIN stage_code_map AS m ON m.vocabulary = c.vocabulary AND m.code = c.code AND NOT m.is_prefix
    UNION ALL
    SELECT c.*, k.concept_id, 2
    FROM stage_code AS c
    JOIN stage_concept AS k ON k.vocabulary_id = c.vocabulary AND upper(k.concept_code) = c.code AND k.standard_concept = 'S'
    UNION ALL
    SELECT c.*, m.concept_id, 1000 - length(m.code)
    FROM stage_code AS c
    JOIN stage_code_map AS m ON m.vocabulary = c.vocabulary AND m.is_prefix AND starts_with(c.code, m.code)
    UNION ALL
    SELECT c.*, k.concept_id, 2000
    FROM stage_code AS c
    JOIN stage_concept AS k
        ON k.concept_class_id = 'Ingredient' AND k.standard_concept = 'S'
        AND (c.name = lower(k.concept_name) OR starts_with(c.name, lower(k.concept_name) || ' '))
    WHERE c.home = 'Drug' AND NOT regexp_matches(c.name, ' / | and | with |[a-z]{4,}[/-][a-z]{4,}')
),
best AS (
    SELECT home, vocabulary, code, name, arg_min(concept_id, rank * 10000000000 + concept_id) AS concept_id
    FROM exact
    GROUP BY ALL
)
SELECT
    c.home,
    c.vocabulary,
    c.code,
    c.name,
    coalesce(b.concept_id, 0) AS concept_id,
    CASE
        WHEN k.domain_id IN ('Condition', 'Procedure', 'Drug', 'Measurement', 'Observation', 'Device') THEN k.domain_id
        ELSE c.home
    END AS domain_id,
    coalesce(s.concept_id, 0) AS source_concept_id
FROM stage_code AS c
LEFT JOIN best AS b USING (home, vocabulary, code, name)
LEFT JOIN stage_concept AS k ON k.concept_id = b.concept_id
LEFT JOIN (
    SELECT vocabulary_id, upper(concept_code) AS code, min(concept_id) AS concept_id FROM stage_concept GROUP BY ALL
) AS s ON s.vocabulary_id = c.vocabulary AND s.code = c.code
