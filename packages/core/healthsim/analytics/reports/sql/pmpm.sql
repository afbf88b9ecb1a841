-- One row per month and plan: what the plan paid per member, of the months that the data of the scenario covers.
SELECT
    d.month_label AS "month", coalesce(p.plan_name, 'Unknown') AS plan,
    sum(f.member_months) AS member_months,
    1.0 * sum(f.medical_paid_amount) / nullif(sum(f.member_months), 0) AS medical_pmpm,
    1.0 * sum(f.rx_paid_amount) / nullif(sum(f.member_months), 0) AS rx_pmpm,
    1.0 * sum(f.total_paid_amount) / nullif(sum(f.member_months), 0) AS pmpm
FROM analytics.fact_member_month AS f
JOIN analytics.dim_scenario AS s ON s.scenario_key = f.scenario_key
JOIN analytics.dim_date AS d ON d.date_key = f.month_date_key
LEFT JOIN analytics.dim_plan AS p ON p.plan_key = f.plan_key
WHERE f.scenario_key = $scenario AND f.month_start <= s.data_end_date
    AND f.month_start >= date_trunc('month', s.data_start_date)
GROUP BY d.month_label, coalesce(p.plan_name, 'Unknown')
ORDER BY "month", plan
