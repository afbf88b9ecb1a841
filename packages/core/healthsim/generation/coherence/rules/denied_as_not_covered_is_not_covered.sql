-- A claim that is denied since the coverage had ended (reason 27) is of a day on which its member was not covered.
-- severity: fail when generated
-- columns: claims.denial_reason_code, claims.service_date, members.coverage_start
SELECT c.claim_id AS id, c.service_date, m.coverage_start, m.coverage_end, c.denial_reason_code
FROM claims AS c
JOIN members AS m ON m.member_id = c.member_id
WHERE regexp_matches(c.denial_reason_code, '(^|[^0-9])27$')
    AND c.service_date BETWEEN m.coverage_start AND coalesce(m.coverage_end, DATE '9999-12-31')
