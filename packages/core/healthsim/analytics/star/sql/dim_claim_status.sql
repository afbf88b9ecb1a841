-- Type of claim x status x reason of denial. Shared.
-- kind: code
-- natural key: claim_type, status, denial_reason_code
-- columns:
--   claim_type VARCHAR: professional, institutional, dental, pharmacy
--   status VARCHAR: paid, denied, pended, reversed, rejected
--   denial_reason_code VARCHAR: CARC, or NCPDP reject code for pharmacy; empty when there is none
--   denial_reason VARCHAR: its meaning
--   denial_group VARCHAR: eligibility, authorization, coding, coverage, timely filing, duplicate, information, medical
--     necessity, formulary, other
--   is_paid INTEGER: 1 for paid
--   is_denied INTEGER: 1 for denied and rejected
SELECT
    u.claim_type, u.status, u.denial_reason_code,
    CASE
        WHEN u.status NOT IN ('denied', 'rejected') THEN NULL
        ELSE coalesce(r.label, nullif(u.denial_reason_code, ''), 'not stated')
    END AS denial_reason,
    CASE WHEN u.status NOT IN ('denied', 'rejected') THEN NULL ELSE coalesce(r.value, 'other') END AS denial_group,
    CASE WHEN u.status = 'paid' THEN 1 ELSE 0 END AS is_paid,
    CASE WHEN u.status IN ('denied', 'rejected') THEN 1 ELSE 0 END AS is_denied
FROM (SELECT DISTINCT claim_type, status, denial_reason_code FROM claim_statuses) AS u
LEFT JOIN code_rules AS r
    ON r.rule_set = CASE WHEN u.claim_type = 'pharmacy' THEN 'reject' ELSE 'denial' END
    AND r.code_from = replace(replace(replace(u.denial_reason_code, 'CO-', ''), 'PR-', ''), 'CARC ', '')
