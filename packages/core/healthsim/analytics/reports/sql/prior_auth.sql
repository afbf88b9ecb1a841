-- One row per kind and plan: authorizations asked for, approved, and how long they took.
SELECT
    f.authorization_type, coalesce(p.plan_name, 'Unknown') AS plan, sum(f.request_count) AS requests,
    sum(f.approved_count) AS approved, sum(f.denied_count) AS denied, sum(f.pending_count) AS pending,
    100.0 * sum(f.approved_count) / nullif(sum(f.approved_count) + sum(f.denied_count), 0) AS approval_percent,
    avg(f.days_to_decision) AS mean_days, median(f.days_to_decision) AS median_days,
    100.0 * count(*) FILTER (WHERE f.days_to_decision <= 7) / nullif(count(f.days_to_decision), 0) AS within_7_days_percent
FROM analytics.fact_prior_auth AS f
LEFT JOIN analytics.dim_plan AS p ON p.plan_key = f.plan_key
WHERE f.scenario_key = $scenario
GROUP BY f.authorization_type, coalesce(p.plan_name, 'Unknown')
ORDER BY f.authorization_type, requests DESC, plan
