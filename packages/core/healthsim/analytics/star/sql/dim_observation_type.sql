-- Kinds of results with their units, grouped by LOINC code, else by words of the name.
WITH placed AS (
    SELECT
        c.*, r.value AS analyte, r.label AS observation_group,
        row_number() OVER (
            PARTITION BY c.code, c.unit
            ORDER BY CASE WHEN r.rule_set = 'loinc' THEN 1 ELSE 2 END, length(r.code_from) DESC, r.code_from
        ) AS place
    FROM observation_codes AS c
    LEFT JOIN code_rules AS r
        ON (r.rule_set = 'loinc' AND r.code_from = c.code)
        OR (r.rule_set = 'lab_name' AND strpos(lower(c.name), r.code_from) > 0)
)
SELECT
    code, code_system, name, observation_kind,
    coalesce(observation_group, CASE WHEN observation_kind = 'vital' THEN 'Vital signs' ELSE 'Other laboratory' END) AS observation_group,
    analyte, unit
FROM placed
WHERE place = 1
