-- Of a claim line, allowed = paid + the member's responsibility.
-- severity: fail
-- columns: claim_lines.allowed_amount, claim_lines.paid_amount, claim_lines.member_responsibility
SELECT claim_line_id AS id, allowed_amount, paid_amount, member_responsibility
FROM claim_lines
WHERE coalesce(status, 'paid') = 'paid' AND allowed_amount <> paid_amount + member_responsibility
