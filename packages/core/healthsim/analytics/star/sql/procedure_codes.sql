-- Every procedure code of the scenario.
-- kind: work
SELECT upper(trim(code)) AS code, min(code_system) AS code_system, min(description) AS description
FROM (
    SELECT code, code_system, description FROM procedures WHERE code IS NOT NULL
    UNION ALL SELECT procedure_code, NULL, NULL FROM claim_lines WHERE procedure_code IS NOT NULL
    UNION ALL SELECT service_code, NULL, NULL FROM authorizations WHERE service_code IS NOT NULL
) AS used
GROUP BY upper(trim(code))
