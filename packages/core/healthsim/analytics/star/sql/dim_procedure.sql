-- CPT, HCPCS, ICD-10-PCS and other procedure codes. Shared. Classified by the ranges of their codes.
-- kind: code
-- natural key: code
-- how: Five digits are CPT, a letter and four digits HCPCS level II.
-- columns:
--   code VARCHAR: the code
--   code_system VARCHAR: as recorded, else told from its form
--   description VARCHAR: as first seen
--   procedure_group VARCHAR: Evaluation and management, Surgery, Imaging, Laboratory, Medicine ...
--   is_surgery INTEGER: 1 for the range of surgery
--   is_imaging INTEGER: 1 for radiology
--   is_laboratory INTEGER: 1 for laboratory and pathology
--   is_office_visit INTEGER: 1 for office and preventive visits
WITH code AS (
    SELECT
        code, description,
        coalesce(
            code_system,
            CASE
                WHEN length(code) = 5 AND substring(code, 1, 1) BETWEEN '0' AND '9' THEN 'CPT'
                WHEN length(code) = 5 AND substring(code, 1, 1) = 'D' THEN 'CDT'
                WHEN length(code) = 5 AND substring(code, 1, 1) BETWEEN 'A' AND 'V' THEN 'HCPCS'
                WHEN length(code) = 7 THEN 'ICD-10-PCS'
                ELSE 'unknown'
            END
        ) AS code_system
    FROM procedure_codes
), placed AS (
    SELECT
        c.code, r.label AS procedure_group,
        row_number() OVER (PARTITION BY c.code ORDER BY length(r.code_from) DESC, r.code_from DESC, r.code_to) AS place
    FROM code AS c
    JOIN code_rules AS r
        ON r.rule_set = 'procedure' AND length(c.code) = 5
        AND substring(c.code, 1, length(r.code_from)) BETWEEN r.code_from AND r.code_to
)
SELECT
    c.code, c.code_system, c.description,
    coalesce(p.procedure_group, CASE WHEN length(c.code) = 7 THEN 'Inpatient procedure' ELSE 'Other' END) AS procedure_group,
    CASE WHEN p.procedure_group = 'Surgery' THEN 1 ELSE 0 END AS is_surgery,
    CASE WHEN p.procedure_group = 'Imaging' THEN 1 ELSE 0 END AS is_imaging,
    CASE WHEN p.procedure_group = 'Laboratory' THEN 1 ELSE 0 END AS is_laboratory,
    CASE WHEN p.procedure_group IN ('Office visit', 'Preventive visit') THEN 1 ELSE 0 END AS is_office_visit
FROM code AS c
LEFT JOIN placed AS p ON p.code = c.code AND p.place = 1
