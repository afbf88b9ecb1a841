-- Groups of conditions, in a fixed order, with the PLACES measure of the same name.
SELECT
    r.priority AS condition_group_key, r.code_from AS condition_group, r.label AS name, r.detail AS codes,
    coalesce(m.measure_key, -2) AS measure_key, CASE WHEN m.measure_key IS NULL THEN 0 ELSE 1 END AS places_adults_only
FROM code_rules AS r
LEFT JOIN dim_measure AS m ON m.domain = 'population' AND m.measure_id = r.code_from
WHERE r.rule_set = 'condition_group'
