-- A rejected pharmacy claim pays nothing.
-- severity: fail
-- columns: pharmacy_claims.status, pharmacy_claims.plan_paid_amount
SELECT pharmacy_claim_id AS id, status, plan_paid_amount
FROM pharmacy_claims
WHERE status = 'rejected' AND plan_paid_amount <> 0
