-- What is measured and in which unit: LOINC codes of labs, and vital signs under their LOINC codes. Shared.
-- kind: code
-- natural key: code, unit
-- how: Grouped by LOINC code, else by words of the name.
-- columns:
--   code VARCHAR: LOINC code, else the name in lower case
--   code_system VARCHAR: LOINC or name
--   name VARCHAR: as first seen
--   observation_kind VARCHAR: lab or vital
--   observation_group VARCHAR: HbA1c, Lipids, Renal function, Blood pressure ...
--   analyte VARCHAR: short name that measures use: hba1c, ldl, egfr, systolic_bp ...; NULL for others
--   unit VARCHAR: unit of its results (UCUM); one code in two units is two kinds
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
