-- Kinds of results, grouped by LOINC code, else by words of the name.
WITH placed AS (
    SELECT
        c.code, r.value AS analyte, r.label AS observation_group,
        row_number() OVER (
            PARTITION BY c.code
            ORDER BY CASE WHEN r.rule_set = 'loinc' THEN 1 ELSE 2 END, length(r.code_from) DESC, r.code_from
        ) AS place
    FROM observation_codes AS c
    JOIN code_rules AS r
        ON (r.rule_set = 'loinc' AND r.code_from = c.code)
        OR (r.rule_set = 'lab_name' AND strpos(lower(c.name), r.code_from) > 0)
)
SELECT
    c.code, c.code_system, c.name, c.observation_kind,
    coalesce(p.observation_group, CASE WHEN c.observation_kind = 'vital' THEN 'Vital signs' ELSE 'Other laboratory' END) AS observation_group,
    p.analyte, c.unit
FROM observation_codes AS c
LEFT JOIN placed AS p ON p.code = c.code AND p.place = 1
