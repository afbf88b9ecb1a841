-- A plan by its id or by its code.
-- kind: lookup
SELECT ref, min(plan_key) AS plan_key
FROM (
    SELECT plan_id AS ref, plan_key FROM dim_plan
    UNION ALL
    SELECT p.plan_code, p.plan_key FROM dim_plan AS p
    WHERE NOT EXISTS (SELECT 1 FROM dim_plan AS o WHERE o.plan_id = p.plan_code)
) AS refs
WHERE ref IS NOT NULL
GROUP BY ref
