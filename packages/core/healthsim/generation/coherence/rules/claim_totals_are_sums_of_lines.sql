-- The totals of a claim are the sums of its lines.
-- severity: fail
-- columns: claims.total_charge, claims.total_allowed, claims.total_paid, claims.member_responsibility,
--   claim_lines.charge_amount, claim_lines.allowed_amount, claim_lines.paid_amount, claim_lines.member_responsibility
WITH sums AS (
    -- a line that does not say an amount leaves its sum unknown
    SELECT
        claim_id,
        CASE WHEN count(charge_amount) = count(*) THEN sum(charge_amount) END AS charge,
        CASE WHEN count(allowed_amount) = count(*) THEN sum(allowed_amount) END AS allowed,
        CASE WHEN count(paid_amount) = count(*) THEN sum(paid_amount) END AS paid,
        CASE WHEN count(member_responsibility) = count(*) THEN sum(member_responsibility) END AS member
    FROM claim_lines
    GROUP BY claim_id
)
SELECT
    c.claim_id AS id, c.total_charge, s.charge, c.total_allowed, s.allowed, c.total_paid, s.paid,
    c.member_responsibility, s.member
FROM claims AS c
JOIN sums AS s ON s.claim_id = c.claim_id
WHERE c.total_charge <> s.charge OR c.total_allowed <> s.allowed OR c.total_paid <> s.paid
    OR c.member_responsibility <> s.member
