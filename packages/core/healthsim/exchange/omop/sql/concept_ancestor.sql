-- Every standard concept and what stands above it, at any distance; each is its own ancestor.
WITH RECURSIVE line AS (
    SELECT concept_id AS ancestor, concept_id AS descendant, 0 AS levels
    FROM stage_concept
    WHERE standard_concept = 'S'
    UNION
    SELECT p.ancestor_concept_id, l.descendant, l.levels + 1
    FROM line AS l
    JOIN stage_parent AS p ON p.descendant_concept_id = l.ancestor
    WHERE l.levels < 20
)
SELECT
    ancestor AS ancestor_concept_id, descendant AS descendant_concept_id, min(levels) AS min_levels_of_separation,
    max(levels) AS max_levels_of_separation
FROM line
GROUP BY ancestor, descendant
