-- Drugs, by RxNorm code, else NDC, else name. Shared. Ingredient and class by the name.
-- kind: code
-- natural key: code
-- how: Of several rules that fit the name, the one with the lowest priority number counts, then the longest text.
-- columns:
--   code VARCHAR: RxNorm code, else NDC, else the name in lower case
--   code_system VARCHAR: RxNorm, NDC or name
--   drug_name VARCHAR: as first seen
--   ingredient VARCHAR: metformin; of a combination, the ingredient that decides the class
--   drug_class VARCHAR: Biguanide, Statin, ACE inhibitor ...
--   therapeutic_class VARCHAR: Diabetes, Lipid lowering, Cardiovascular ...
--   brand_generic VARCHAR: brand or generic
--   is_generic INTEGER: 1 generic
--   is_brand INTEGER: 1 brand
--   adherence_class VARCHAR: class of the CMS Star adherence measures: diabetes, rasa, statins; else NULL
--   is_insulin INTEGER: 1 for insulins (they exclude from diabetes adherence)
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
