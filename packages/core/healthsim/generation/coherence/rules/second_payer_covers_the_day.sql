-- The second payer of a claim is another coverage of the same person, and covers the day of service.
-- severity: fail
-- columns: claims.secondary_member_id, claims.service_date, members.coverage_start
SELECT
    c.claim_id AS id, c.service_date, c.member_id, c.secondary_member_id, s.coverage_start, s.coverage_end
FROM claims AS c
JOIN members AS s ON s.member_id = c.secondary_member_id
LEFT JOIN members AS m ON m.member_id = c.member_id
WHERE c.secondary_member_id = c.member_id OR s.patient_id <> c.patient_id OR s.person_id <> m.person_id
    OR c.service_date < s.coverage_start OR c.service_date > s.coverage_end
