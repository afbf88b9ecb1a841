-- A status by the words that a claim has for it.
-- kind: lookup
SELECT c.claim_type, c.spelling, c.reason, s.claim_status_key, s.status
FROM claim_statuses AS c
JOIN dim_claim_status AS s
    ON s.claim_type = c.claim_type AND s.status = c.status AND s.denial_reason_code = c.denial_reason_code
