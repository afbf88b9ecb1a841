-- A claim is paid when the member was covered on the day of service.
-- severity: fail
-- columns: claims.status, claims.service_date, members.coverage_start, members.coverage_end
SELECT c.claim_id AS id, c.service_date, m.coverage_start, m.coverage_end
FROM claims AS c
JOIN members AS m ON m.member_id = c.member_id
WHERE c.status = 'paid'
    AND (c.service_date < m.coverage_start OR c.service_date > m.coverage_end)
    AND NOT EXISTS (
        -- another span of the same member
        FROM members AS s
        WHERE s.member_number = m.member_number
            AND c.service_date >= s.coverage_start AND c.service_date <= coalesce(s.coverage_end, DATE '9999-12-31')
    )
