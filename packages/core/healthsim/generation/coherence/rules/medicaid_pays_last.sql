-- Medicaid pays after every other payer of the person (42 USC 1396a(a)(25)).
-- severity: fail
-- columns: members.coverage_order, members.person_id, plans.line_of_business
SELECT m.member_id AS id, m.coverage_order, s.member_id AS other_member_id, s.coverage_order AS other_order
FROM members AS m
JOIN plans AS p ON p.plan_id = m.plan_id AND p.line_of_business = 'medicaid'
JOIN members AS s ON s.person_id = m.person_id AND s.coverage_order > m.coverage_order
JOIN plans AS q ON q.plan_id = s.plan_id AND q.line_of_business <> 'medicaid'
WHERE s.coverage_start <= coalesce(m.coverage_end, DATE '9999-12-31') AND m.coverage_start <= coalesce(s.coverage_end, DATE '9999-12-31')
