-- A plan accepts no more than what was billed.
-- severity: fail when generated
-- any of: claims.total_charge, claims.total_allowed, claim_lines.charge_amount, claim_lines.allowed_amount
SELECT claim_id AS id, 'claims' AS "table", total_charge AS charge, total_allowed AS allowed
FROM claims
WHERE total_allowed > total_charge
UNION ALL
SELECT claim_line_id, 'claim_lines', charge_amount, allowed_amount
FROM claim_lines
WHERE allowed_amount > charge_amount
