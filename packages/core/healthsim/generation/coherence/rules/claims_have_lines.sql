-- A claim of a generated population has at least one line.
-- severity: fail
-- applies: generated
-- any of: claims.claim_id, claim_lines.claim_id
SELECT c.claim_id AS id, c.status
FROM claims AS c
ANTI JOIN claim_lines AS l ON l.claim_id = c.claim_id
