-- A claim that was reversed pays nothing in the end: its amounts are zero, or taken back.
-- severity: warn
-- columns: claims.status, claims.total_paid
SELECT claim_id AS id, status, total_paid
FROM claims
WHERE status = 'reversed' AND total_paid > 0
