-- The strength of solid drugs with one ingredient, as their names tell it; an ingredient has no strength.
WITH one AS (
    SELECT p.descendant_concept_id AS drug, min(p.ancestor_concept_id) AS ingredient
    FROM stage_parent AS p
    JOIN stage_concept AS i ON i.concept_id = p.ancestor_concept_id AND i.concept_class_id = 'Ingredient'
    GROUP BY p.descendant_concept_id
    HAVING count(*) = 1
)
SELECT
    o.drug AS drug_concept_id,
    o.ingredient AS ingredient_concept_id,
    CAST(regexp_extract(d.concept_name, ' ([0-9.]+) MG Oral', 1) AS DECIMAL(18, 3)) AS amount_value,
    8576 AS amount_unit_concept_id,
    NULL AS numerator_value,
    NULL AS numerator_unit_concept_id,
    NULL AS denominator_value,
    NULL AS denominator_unit_concept_id,
    NULL AS box_size,
    DATE '1970-01-01' AS valid_start_date,
    DATE '2099-12-31' AS valid_end_date,
    NULL AS invalid_reason
FROM one AS o
JOIN stage_concept AS d ON d.concept_id = o.drug
WHERE regexp_matches(d.concept_name, ' [0-9.]+ MG Oral') AND NOT contains(d.concept_name, ' / ')
