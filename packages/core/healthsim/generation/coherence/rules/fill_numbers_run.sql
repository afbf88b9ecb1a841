-- The fills of a prescription are numbered in the order of their days; in a generated population 0, 1, 2 ...
-- severity: fail when generated
-- columns: pharmacy_claims.prescription_id, pharmacy_claims.fill_number, pharmacy_claims.service_date
SELECT pharmacy_claim_id AS id, prescription_id, service_date, fill_number, previous_number
FROM (
    SELECT
        pharmacy_claim_id, prescription_id, service_date, fill_number,
        lag(fill_number) OVER (PARTITION BY prescription_id ORDER BY service_date, fill_number) AS previous_number
    FROM pharmacy_claims
    WHERE status = 'paid' AND coalesce(transaction_code, 'B1') <> 'B2' AND prescription_id IS NOT NULL
)
WHERE fill_number <= previous_number
    OR ($generated AND fill_number <> coalesce(previous_number + 1, 0))
