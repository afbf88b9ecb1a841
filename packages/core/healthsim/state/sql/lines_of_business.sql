-- How many members each line of business has, by the plans of the members, the largest first.
SELECT coalesce(p.line_of_business, p.plan_type, m.payer_name, 'not said') AS line, count(*) AS members
FROM members AS m
LEFT JOIN plans AS p ON p.plan_id = m.plan_id
GROUP BY line
ORDER BY members DESC, line
LIMIT 8
