-- Of a paid pharmacy claim, what the plan and the patient paid = the gross amount.
-- severity: fail
-- columns: pharmacy_claims.gross_amount_due, pharmacy_claims.plan_paid_amount, pharmacy_claims.patient_pay_amount
SELECT pharmacy_claim_id AS id, gross_amount_due, plan_paid_amount, patient_pay_amount
FROM pharmacy_claims
WHERE status = 'paid' AND gross_amount_due <> plan_paid_amount + patient_pay_amount
