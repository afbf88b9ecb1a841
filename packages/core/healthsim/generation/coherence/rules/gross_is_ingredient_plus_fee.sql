-- Of a pharmacy claim, the gross amount = ingredient cost + dispensing fee.
-- severity: fail
-- columns: pharmacy_claims.gross_amount_due, pharmacy_claims.ingredient_cost, pharmacy_claims.dispensing_fee
SELECT pharmacy_claim_id AS id, gross_amount_due, ingredient_cost, dispensing_fee
FROM pharmacy_claims
WHERE coalesce(status, 'paid') = 'paid' AND gross_amount_due <> ingredient_cost + dispensing_fee
