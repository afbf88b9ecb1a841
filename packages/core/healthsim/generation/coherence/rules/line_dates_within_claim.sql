-- The lines of a claim are of days of the claim.
-- severity: fail
-- columns: claim_lines.service_date, claims.service_date, claims.service_end_date
SELECT l.claim_line_id AS id, l.service_date, c.service_date AS claim_from, c.service_end_date AS claim_to
FROM claim_lines AS l
JOIN claims AS c ON c.claim_id = l.claim_id
WHERE l.service_date < c.service_date OR l.service_date > c.service_end_date
