-- What a member pays towards the deductible in a year is at most the deductible of the plan.
-- severity: fail
-- columns: claim_lines.deductible_amount, plans.deductible_individual
WITH shares AS (FROM cost_sharing)
SELECT s.member AS id, s.plan_year, sum(s.deductible) AS paid, any_value(p.deductible_individual) AS deductible
FROM shares AS s
JOIN plans AS p ON p.plan_id = s.plan_id
GROUP BY s.member, s.plan_id, s.plan_year
HAVING sum(s.deductible) > any_value(p.deductible_individual)
