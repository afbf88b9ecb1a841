-- Every kind of result with its unit: labs by LOINC code, else by name; vital signs under their LOINC codes.
-- kind: work
-- empty without: lab_results, vital_signs
SELECT code, unit, min(code_system) AS code_system, min(name) AS name, min(kind) AS observation_kind
FROM (
    SELECT
        coalesce(loinc_code, lower(trim(test_name))) AS code,
        CASE WHEN loinc_code IS NOT NULL THEN 'LOINC' ELSE 'name' END AS code_system,
        test_name AS name, 'lab' AS kind, unit
    FROM lab_results
    UNION ALL SELECT r.code_from, 'LOINC', r.label, 'vital', r.detail FROM code_rules AS r WHERE r.rule_set = 'vital'
) AS used
WHERE code IS NOT NULL
GROUP BY code, unit
