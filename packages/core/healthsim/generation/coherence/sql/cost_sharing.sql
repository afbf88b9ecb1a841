-- What members paid for covered care: one row per claim line's day, with whose it is and in which plan.
SELECT
    c.member_id,
    coalesce(m.member_number, m.member_id) AS member,
    m.subscriber_id AS family,
    coalesce(m.plan_id, named.plan_id) AS plan_id,
    year(coalesce(l.service_date, c.service_date)) AS plan_year,
    coalesce(l.service_date, c.service_date) AS day,
    sum(l.deductible_amount) AS deductible,
    sum(l.member_responsibility) AS share
FROM claim_lines AS l
JOIN claims AS c ON c.claim_id = l.claim_id
JOIN members AS m ON m.member_id = c.member_id
-- documents that name the plan by its code
LEFT JOIN plans AS named ON m.plan_id IS NULL AND named.plan_code = m.plan_code
WHERE c.status = 'paid' AND coalesce(l.status, 'paid') = 'paid'
GROUP BY ALL
