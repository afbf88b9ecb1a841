-- A denied claim says why: a reason code on the claim or on one of its lines.
-- severity: fail when generated
-- any of: claims.status, claims.denial_reason_code, claim_lines.adjustment_reason_code
SELECT c.claim_id AS id, c.status, c.denial_reason_code
FROM claims AS c
WHERE c.status = 'denied' AND c.denial_reason_code IS NULL
    AND NOT EXISTS (FROM claim_lines AS l WHERE l.claim_id = c.claim_id AND l.adjustment_reason_code IS NOT NULL)
    -- documents that never give a reason do not keep it in these columns
    AND ($generated OR EXISTS (FROM claims AS o WHERE o.denial_reason_code IS NOT NULL))
