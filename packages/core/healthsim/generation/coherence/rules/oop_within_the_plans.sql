-- What a member pays for covered care in a year is at most the out-of-pocket maximum of the plan.
-- severity: fail
-- columns: claim_lines.member_responsibility, plans.oop_max_individual
WITH shares AS (FROM cost_sharing)
SELECT s.member AS id, s.plan_year, sum(s.share) AS paid, any_value(p.oop_max_individual) AS oop_max
FROM shares AS s
JOIN plans AS p ON p.plan_id = s.plan_id
GROUP BY s.member, s.plan_id, s.plan_year
HAVING sum(s.share) > any_value(p.oop_max_individual)
