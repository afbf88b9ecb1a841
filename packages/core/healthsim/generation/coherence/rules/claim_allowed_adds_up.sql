-- Of a paid claim, total allowed = total paid + the member's responsibility.
-- severity: fail
-- columns: claims.total_allowed, claims.total_paid, claims.member_responsibility
SELECT claim_id AS id, total_allowed, total_paid, member_responsibility
FROM claims
WHERE coalesce(status, 'paid') = 'paid' AND total_allowed <> total_paid + member_responsibility
