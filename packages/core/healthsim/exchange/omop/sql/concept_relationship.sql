-- A standard concept maps to itself; a drug has its ingredients; a condition is what stands above it.
WITH pair AS (
    SELECT concept_id AS one, concept_id AS two, 'Maps to' AS there, 'Mapped from' AS back
    FROM stage_concept
    WHERE standard_concept = 'S'
    UNION ALL
    SELECT
        p.descendant_concept_id, p.ancestor_concept_id,
        CASE c.concept_class_id WHEN 'Ingredient' THEN 'RxNorm has ing' ELSE 'Is a' END,
        CASE c.concept_class_id WHEN 'Ingredient' THEN 'RxNorm ing of' ELSE 'Subsumes' END
    FROM stage_parent AS p
    JOIN stage_concept AS c ON c.concept_id = p.ancestor_concept_id
)
SELECT
    one AS concept_id_1, two AS concept_id_2, there AS relationship_id, DATE '1970-01-01' AS valid_start_date,
    DATE '2099-12-31' AS valid_end_date, NULL AS invalid_reason
FROM pair
UNION
SELECT two, one, back, DATE '1970-01-01', DATE '2099-12-31', NULL
FROM pair
