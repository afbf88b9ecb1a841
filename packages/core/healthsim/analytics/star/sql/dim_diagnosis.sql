-- ICD-10-CM codes (and any other code that scenarios use), classified by rules, so that every code has a place. Shared.
-- kind: code
-- natural key: code
-- how: Of several rules that fit, the one with the longest prefix counts, and of these the narrowest.
-- columns:
--   code VARCHAR: upper case, with the dot (E11.9)
--   code_system VARCHAR: ICD-10-CM where none was given
--   description VARCHAR: as first seen
--   category_code VARCHAR: first three characters (E11)
--   block_code VARCHAR: range of categories (E08-E13)
--   block_name VARCHAR: Diabetes mellitus
--   chapter_number INTEGER: 1 to 22
--   chapter_range VARCHAR: E00-E89
--   chapter_name VARCHAR: Endocrine, nutritional and metabolic diseases
--   chronic_condition VARCHAR: the chronic condition that it is one of (CMS Chronic Conditions Warehouse names), else
--     NULL
--   is_chronic INTEGER: 1 when it is one
--   hcc_code VARCHAR: CMS-HCC category (V28), by prefix; NULL when it pays nothing
--   hcc_name VARCHAR: its name
--   acs_condition VARCHAR: ambulatory-care-sensitive condition (AHRQ prevention quality indicators), else NULL
--   is_ambulatory_care_sensitive INTEGER: 1 when it is one
WITH code AS (
    SELECT code, min(code_system) AS code_system, min(description) AS description
    FROM diagnosis_codes
    GROUP BY code
), fitting AS (
    SELECT
        c.code, r.rule_set, r.code_from, r.code_to, r.value, r.label,
        row_number() OVER (PARTITION BY c.code, r.rule_set ORDER BY length(r.code_from) DESC, r.code_from DESC, r.code_to) AS place
    FROM code AS c
    JOIN code_rules AS r
        ON r.rule_set IN ('icd_chapter', 'icd_block', 'icd_chronic', 'icd_acs', 'icd_hcc')
        AND substring(replace(c.code, '.', ''), 1, length(r.code_from)) BETWEEN r.code_from AND r.code_to
    WHERE c.code_system LIKE 'ICD-10%' OR c.code_system LIKE '%icd-10%'
), placed AS (
    SELECT
        code,
        max(CASE WHEN rule_set = 'icd_block' THEN concat(code_from, '-', code_to) END) AS block_code,
        max(CASE WHEN rule_set = 'icd_block' THEN label END) AS block_name,
        max(CASE WHEN rule_set = 'icd_chapter' THEN CAST(value AS INTEGER) END) AS chapter_number,
        max(CASE WHEN rule_set = 'icd_chapter' THEN concat(code_from, '-', code_to) END) AS chapter_range,
        max(CASE WHEN rule_set = 'icd_chapter' THEN label END) AS chapter_name,
        max(CASE WHEN rule_set = 'icd_chronic' AND label <> '' THEN label END) AS chronic_condition,
        max(CASE WHEN rule_set = 'icd_hcc' AND value <> '' THEN value END) AS hcc_code,
        max(CASE WHEN rule_set = 'icd_hcc' AND value <> '' THEN label END) AS hcc_name,
        max(CASE WHEN rule_set = 'icd_acs' AND label <> '' THEN label END) AS acs_condition
    FROM fitting
    WHERE place = 1
    GROUP BY code
)
SELECT
    c.code, c.code_system, c.description, substring(c.code, 1, 3) AS category_code,
    p.block_code, p.block_name, p.chapter_number, p.chapter_range, p.chapter_name,
    p.chronic_condition, CASE WHEN p.chronic_condition IS NOT NULL THEN 1 ELSE 0 END AS is_chronic,
    p.hcc_code, p.hcc_name,
    p.acs_condition, CASE WHEN p.acs_condition IS NOT NULL THEN 1 ELSE 0 END AS is_ambulatory_care_sensitive
FROM code AS c
LEFT JOIN placed AS p ON p.code = c.code
