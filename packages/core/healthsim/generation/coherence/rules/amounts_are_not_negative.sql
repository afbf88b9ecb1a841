-- Amounts of money are not negative, except in reversals.
-- severity: fail
-- any of: claims.total_charge, claim_lines.charge_amount, pharmacy_claims.gross_amount_due
SELECT claim_id AS id, 'claims' AS "table", least(total_charge, total_allowed, total_paid, member_responsibility) AS amount
FROM claims
WHERE status <> 'reversed' AND least(total_charge, total_allowed, total_paid, member_responsibility) < 0
UNION ALL
SELECT
    claim_line_id, 'claim_lines',
    least(charge_amount, allowed_amount, paid_amount, deductible_amount, copay_amount, coinsurance_amount)
FROM claim_lines
WHERE status <> 'reversed'
    AND least(charge_amount, allowed_amount, paid_amount, deductible_amount, copay_amount, coinsurance_amount) < 0
UNION ALL
SELECT
    pharmacy_claim_id, 'pharmacy_claims',
    least(ingredient_cost, dispensing_fee, gross_amount_due, plan_paid_amount, patient_pay_amount)
FROM pharmacy_claims
WHERE status <> 'reversed' AND coalesce(transaction_code, 'B1') <> 'B2'
    AND least(ingredient_cost, dispensing_fee, gross_amount_due, plan_paid_amount, patient_pay_amount) < 0
