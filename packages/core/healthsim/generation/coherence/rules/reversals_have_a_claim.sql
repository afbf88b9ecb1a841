-- A reversal (B2) takes back a claim that was made for the same prescription on the same day or before.
-- severity: fail when generated
-- columns: pharmacy_claims.transaction_code, pharmacy_claims.prescription_id, pharmacy_claims.service_date
SELECT r.pharmacy_claim_id AS id, r.prescription_id, r.service_date
FROM pharmacy_claims AS r
WHERE r.transaction_code = 'B2' AND r.prescription_id IS NOT NULL AND NOT EXISTS (
    FROM pharmacy_claims AS c
    WHERE c.prescription_id = r.prescription_id AND coalesce(c.transaction_code, 'B1') <> 'B2'
        AND c.service_date <= r.service_date
)
