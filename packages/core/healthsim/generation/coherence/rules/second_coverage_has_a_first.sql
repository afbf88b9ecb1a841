-- On each day of coverage that pays second, there is one of the same person that pays before it.
-- severity: fail when generated
-- columns: members.coverage_order, members.coverage_start, members.person_id
SELECT s.member_id AS id, s.coverage_order, s.coverage_start, s.coverage_end
FROM members AS s
WHERE s.coverage_order > 1 AND NOT EXISTS (
    SELECT 1 FROM members AS m
    WHERE m.person_id = s.person_id AND m.coverage_order < s.coverage_order AND m.coverage_start <= s.coverage_start
        AND coalesce(m.coverage_end, DATE '9999-12-31') >= coalesce(s.coverage_end, DATE '9999-12-31')
)
