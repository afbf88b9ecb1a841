-- A prescription is filled once and then at most as often as refills were authorised.
-- severity: fail
-- columns: prescriptions.refills_authorized, pharmacy_claims.prescription_id
SELECT p.prescription_id AS id, p.refills_authorized, count(*) AS fills
FROM prescriptions AS p
JOIN pharmacy_claims AS f ON f.prescription_id = p.prescription_id
WHERE f.status = 'paid' AND coalesce(f.transaction_code, 'B1') <> 'B2'
GROUP BY ALL
HAVING count(*) > p.refills_authorized + 1
