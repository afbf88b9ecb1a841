-- Which diagnoses belong to which condition group. Shared.
-- kind: code
-- grain: one row per diagnosis and condition group
-- natural key: diagnosis_key, condition_group_key
-- how: A rule without group takes a code out again.
-- columns:
--   diagnosis_key INTEGER: the diagnosis
--   condition_group_key INTEGER: the group
WITH fitting AS (
    SELECT
        d.diagnosis_key, r.value AS condition_group, r.label AS direction,
        row_number() OVER (PARTITION BY d.diagnosis_key, r.value ORDER BY length(r.code_from) DESC, r.code_from DESC, r.code_to) AS place
    FROM dim_diagnosis AS d
    JOIN code_rules AS r
        ON r.rule_set = 'icd_group'
        AND substring(replace(d.code, '.', ''), 1, length(r.code_from)) BETWEEN r.code_from AND r.code_to
    WHERE d.diagnosis_key > 0
)
SELECT f.diagnosis_key, g.condition_group_key
FROM fitting AS f
JOIN dim_condition_group AS g ON g.condition_group = f.condition_group
WHERE f.place = 1 AND f.direction = 'in'
