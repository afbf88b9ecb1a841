-- Conditions as PLACES measures them, by groups of ICD-10-CM codes. Shared, fixed.
-- kind: seed
-- how: In a fixed order, with the PLACES measure of the same name.
-- columns:
--   condition_group_key INTEGER: surrogate key; -1 unknown, -2 not applicable
--   condition_group VARCHAR: DIABETES, BPHIGH ...: the PLACES measure of the same name, where there is one
--   name VARCHAR: Diagnosed diabetes ...
--   codes VARCHAR: the codes, as text
--   measure_key INTEGER: the PLACES measure in dim_measure; -2 when there is none
--   places_adults_only INTEGER: 1 when PLACES counts adults only
SELECT
    r.priority AS condition_group_key, r.code_from AS condition_group, r.label AS name, r.detail AS codes,
    coalesce(m.measure_key, -2) AS measure_key, CASE WHEN m.measure_key IS NULL THEN 0 ELSE 1 END AS places_adults_only
FROM code_rules AS r
LEFT JOIN dim_measure AS m ON m.domain = 'population' AND m.measure_id = r.code_from
WHERE r.rule_set = 'condition_group'
