-- A refill is not earlier than when 75 % of the supply before it is used up.
-- severity: fail when generated
-- columns: pharmacy_claims.prescription_id, pharmacy_claims.service_date, pharmacy_claims.days_supply
SELECT pharmacy_claim_id AS id, prescription_id, service_date, previous_date, previous_supply
FROM (
    SELECT
        pharmacy_claim_id, prescription_id, service_date,
        lag(service_date) OVER fills AS previous_date, lag(days_supply) OVER fills AS previous_supply
    FROM pharmacy_claims
    WHERE status = 'paid' AND coalesce(transaction_code, 'B1') <> 'B2' AND prescription_id IS NOT NULL
    WINDOW fills AS (PARTITION BY prescription_id ORDER BY service_date, fill_number, pharmacy_claim_id)
)
WHERE service_date < previous_date + floor(0.75 * previous_supply)::INTEGER
