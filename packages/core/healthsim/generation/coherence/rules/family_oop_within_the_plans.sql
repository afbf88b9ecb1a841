-- What a family pays for covered care in a year is at most the family's maximum of the plan.
-- severity: fail
-- columns: claim_lines.member_responsibility, members.subscriber_id, plans.oop_max_family
WITH shares AS (FROM cost_sharing)
SELECT s.family AS id, s.plan_year, sum(s.share) AS paid, any_value(p.oop_max_family) AS oop_max
FROM shares AS s
JOIN plans AS p ON p.plan_id = s.plan_id
WHERE s.family IS NOT NULL
GROUP BY s.family, s.plan_id, s.plan_year
HAVING sum(s.share) > any_value(p.oop_max_family)
