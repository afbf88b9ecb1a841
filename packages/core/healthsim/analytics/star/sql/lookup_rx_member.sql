-- A pharmacy member record: who it is, and the plan and days that it names.
-- kind: lookup
SELECT
    x.rx_member_id, p.person_key, p.birth_date_key, p.geography_key, coalesce(l.plan_key, -1) AS plan_key,
    x.effective_date AS first_day, coalesce(x.termination_date, DATE '9999-12-31') AS last_day
FROM rx_members AS x
JOIN person_links AS k ON k.entity_type = 'rx_member' AND k.entity_id = x.rx_member_id
JOIN dim_person AS p ON p.person_key = k.person_key
LEFT JOIN lookup_plan AS l ON l.ref = x.plan_code
