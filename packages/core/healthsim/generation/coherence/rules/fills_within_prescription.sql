-- A prescription is filled after it was written and before it expires.
-- severity: fail
-- columns: pharmacy_claims.service_date, prescriptions.written_date, prescriptions.expiration_date
SELECT f.pharmacy_claim_id AS id, f.service_date, p.written_date, p.expiration_date
FROM pharmacy_claims AS f
JOIN prescriptions AS p ON p.prescription_id = f.prescription_id
WHERE f.status = 'paid' AND (f.service_date < p.written_date OR f.service_date > p.expiration_date)
