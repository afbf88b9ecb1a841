-- Drugs with ingredient and class, found in their names: the rule with the lowest priority number, then the longest text.
WITH named AS (
    SELECT
        d.code, r.value AS ingredient, r.label AS drug_class, r.detail AS therapeutic_class,
        row_number() OVER (PARTITION BY d.code ORDER BY r.priority, length(r.code_from) DESC, r.code_from) AS place
    FROM drug_codes AS d
    JOIN code_rules AS r ON r.rule_set = 'drug' AND strpos(lower(d.drug_name), r.code_from) > 0
), brand AS (
    SELECT DISTINCT d.code
    FROM drug_codes AS d
    JOIN code_rules AS r ON r.rule_set = 'drug_brand' AND strpos(lower(d.drug_name), r.code_from) > 0
)
SELECT
    d.code, d.code_system, d.drug_name, n.ingredient, n.drug_class, n.therapeutic_class,
    CASE WHEN d.drug_name IS NULL THEN NULL WHEN b.code IS NOT NULL THEN 'brand' ELSE 'generic' END AS brand_generic,
    CASE WHEN d.drug_name IS NOT NULL AND b.code IS NULL THEN 1 ELSE 0 END AS is_generic,
    CASE WHEN b.code IS NOT NULL THEN 1 ELSE 0 END AS is_brand,
    a.value AS adherence_class,
    CASE WHEN n.drug_class = 'Insulin' THEN 1 ELSE 0 END AS is_insulin
FROM drug_codes AS d
LEFT JOIN named AS n ON n.code = d.code AND n.place = 1
LEFT JOIN brand AS b ON b.code = d.code
LEFT JOIN code_rules AS a ON a.rule_set = 'adherence' AND a.code_from = n.drug_class
