-- The statuses that claims, lines and pharmacy claims have, in the words of the star: paid, denied, pended, reversed,
-- rejected.
-- kind: work
SELECT
    claim_type, spelling, reason,
    CASE
        WHEN claim_type = 'pharmacy' AND spelling IN ('rejected', 'denied') THEN 'rejected'
        WHEN spelling IN ('denied', 'rejected') THEN 'denied'
        WHEN spelling IN ('pended', 'pending', 'submitted', 'received', 'suspended', 'in_process', 'in process') THEN 'pended'
        WHEN spelling IN ('reversed', 'reversal', 'void', 'voided', 'cancelled', 'canceled') THEN 'reversed'
        ELSE 'paid'
    END AS status,
    CASE WHEN spelling IN ('denied', 'rejected') AND reason <> '' THEN reason ELSE '' END AS denial_reason_code
FROM (
    SELECT claim_type, spelling, reason
    FROM (
        SELECT coalesce(claim_type, 'unknown') AS claim_type, lower(coalesce(status, 'paid')) AS spelling, coalesce(denial_reason_code, '') AS reason
        FROM claims
        UNION ALL
        SELECT
            coalesce(c.claim_type, 'unknown'), lower(coalesce(l.status, c.status, 'paid')),
            coalesce(l.adjustment_reason_code, c.denial_reason_code, '')
        FROM claim_lines AS l
        LEFT JOIN claims AS c ON c.claim_id = l.claim_id
        UNION ALL
        SELECT 'pharmacy', lower(coalesce(status, 'paid')), coalesce(reject_code, '') FROM pharmacy_claims
    ) AS every
    GROUP BY claim_type, spelling, reason
) AS used
