-- Every drug of the scenario: RxNorm code, else NDC, else the name. A pharmacy claim is of the drug of its
-- prescription.
-- kind: work
SELECT code, min(code_system) AS code_system, min(drug_name) AS drug_name
FROM (
    SELECT
        coalesce(code, ndc, lower(trim(name))) AS code,
        CASE WHEN code IS NOT NULL THEN coalesce(code_system, 'RxNorm') WHEN ndc IS NOT NULL THEN 'NDC' ELSE 'name' END AS code_system,
        name AS drug_name
    FROM medications
    UNION ALL
    SELECT
        coalesce(rxnorm_code, ndc, lower(trim(drug_name))),
        CASE WHEN rxnorm_code IS NOT NULL THEN 'RxNorm' WHEN ndc IS NOT NULL THEN 'NDC' ELSE 'name' END,
        drug_name
    FROM prescriptions
    UNION ALL
    SELECT
        coalesce(p.rxnorm_code, c.ndc, p.ndc, lower(trim(coalesce(c.drug_name, p.drug_name)))),
        CASE WHEN p.rxnorm_code IS NOT NULL THEN 'RxNorm' WHEN coalesce(c.ndc, p.ndc) IS NOT NULL THEN 'NDC' ELSE 'name' END,
        coalesce(c.drug_name, p.drug_name)
    FROM pharmacy_claims AS c
    LEFT JOIN prescriptions AS p ON p.prescription_id = c.prescription_id
    UNION ALL
    SELECT
        coalesce(p.rxnorm_code, a.ndc, p.ndc, lower(trim(coalesce(a.drug_name, p.drug_name)))),
        CASE WHEN p.rxnorm_code IS NOT NULL THEN 'RxNorm' WHEN coalesce(a.ndc, p.ndc) IS NOT NULL THEN 'NDC' ELSE 'name' END,
        coalesce(a.drug_name, p.drug_name)
    FROM prior_auths AS a
    LEFT JOIN prescriptions AS p ON p.prescription_id = a.prescription_id
) AS used
WHERE code IS NOT NULL
GROUP BY code
