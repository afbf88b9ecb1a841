-- One row per span of coverage of a person, as far as the scenario tells of.
SELECT
    row_number() OVER (ORDER BY r.person_id, m.coverage_start, m.member_id) AS payer_plan_period_id,
    m.member_id,
    r.person_id,
    m.coverage_start AS start_date,
    greatest(m.coverage_start, least(coalesce(m.coverage_end, e.day), e.day, coalesce(p.death_date, e.day))) AS end_date,
    coalesce(m.payer_name, n.payer_name) AS payer,
    coalesce(m.plan_code, n.plan_code, n.plan_name, m.plan_id) AS plan,
    m.group_id AS sponsor,
    m.subscriber_id AS family
FROM members AS m
JOIN stage_role AS r ON r.role = 'member' AND r.id = m.member_id
JOIN stage_person AS p ON p.person_id = r.person_id
CROSS JOIN stage_data_end AS e
LEFT JOIN plans AS n ON n.plan_id = m.plan_id
WHERE m.coverage_start IS NOT NULL
