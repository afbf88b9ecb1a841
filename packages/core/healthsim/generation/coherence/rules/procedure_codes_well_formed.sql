-- Procedure codes have the form of CPT, HCPCS, CDT or ICD-10-PCS.
-- severity: fail
-- any of: procedures.code, procedures.code_system, claim_lines.procedure_code
WITH done AS (
    SELECT procedure_id AS id, 'procedures' AS "table", code FROM procedures
    WHERE coalesce(code_system, 'CPT') NOT ILIKE '%snomed%' AND coalesce(code_system, 'CPT') NOT ILIKE '%sct%'
    UNION ALL
    SELECT claim_line_id, 'claim_lines', procedure_code FROM claim_lines
)
SELECT id, "table", code
FROM done
WHERE NOT regexp_matches(code, '^(\d{4}[0-9AFTUM]|[A-V]\d{4}|[0-9B-DF-HX][0-9A-HJ-NP-Z]{6})$')
