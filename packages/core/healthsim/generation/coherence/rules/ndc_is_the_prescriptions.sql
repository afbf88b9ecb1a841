-- What was dispensed is what was prescribed: the same NDC.
-- severity: fail when generated
-- columns: pharmacy_claims.ndc, prescriptions.ndc
SELECT f.pharmacy_claim_id AS id, f.ndc, p.ndc AS prescribed
FROM pharmacy_claims AS f
JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
WHERE replace(f.ndc, '-', '') <> replace(p.ndc, '-', '')
