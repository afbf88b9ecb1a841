-- A pharmacy claim is paid on or after the day of service.
-- severity: fail
-- columns: pharmacy_claims.service_date, pharmacy_claims.paid_date
SELECT pharmacy_claim_id AS id, service_date, paid_date
FROM pharmacy_claims
WHERE paid_date < service_date
