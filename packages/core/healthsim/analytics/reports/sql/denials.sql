-- One row per plan and reason: denied claims, and their share of the plan's decided claims.
WITH decided AS (
    SELECT
        coalesce(p.plan_name, 'Unknown') AS plan, coalesce(c.denial_reason, 'no reason given') AS reason,
        f.denied_count, f.adjudicated_count, f.denied_amount
    FROM analytics.fact_claim AS f
    LEFT JOIN analytics.dim_plan AS p ON p.plan_key = f.plan_key
    LEFT JOIN analytics.dim_claim_status AS c ON c.claim_status_key = f.claim_status_key
    WHERE f.scenario_key = $scenario AND f.adjudicated_count = 1
), of_plan AS (
    SELECT plan, sum(adjudicated_count) AS decided_claims FROM decided GROUP BY plan
)
SELECT
    d.plan, d.reason, sum(d.denied_count) AS denied_claims, o.decided_claims,
    100.0 * sum(d.denied_count) / nullif(o.decided_claims, 0) AS denial_rate, sum(d.denied_amount) AS denied_charges
FROM decided AS d
JOIN of_plan AS o ON o.plan = d.plan
WHERE d.denied_count = 1
GROUP BY d.plan, d.reason, o.decided_claims
ORDER BY d.plan, denied_claims DESC, d.reason
