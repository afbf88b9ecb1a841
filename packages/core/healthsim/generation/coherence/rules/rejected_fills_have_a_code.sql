-- A rejected pharmacy claim of a generated population has a reject code, a paid one has none.
-- severity: fail
-- applies: generated
-- columns: pharmacy_claims.status, pharmacy_claims.reject_code
SELECT pharmacy_claim_id AS id, status, reject_code
FROM pharmacy_claims
WHERE (status = 'rejected' AND reject_code IS NULL) OR (status = 'paid' AND reject_code IS NOT NULL)
