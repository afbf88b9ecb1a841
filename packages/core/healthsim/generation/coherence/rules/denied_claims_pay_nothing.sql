-- A denied claim, and a denied line, pays nothing.
-- severity: fail
-- any of: claims.status, claims.total_paid, claim_lines.status, claim_lines.paid_amount
SELECT claim_id AS id, 'claims' AS "table", total_paid AS paid
FROM claims
WHERE status = 'denied' AND total_paid <> 0
UNION ALL
SELECT l.claim_line_id, 'claim_lines', l.paid_amount
FROM claim_lines AS l
LEFT JOIN claims AS c ON c.claim_id = l.claim_id
WHERE (l.status = 'denied' OR c.status = 'denied') AND l.paid_amount <> 0
