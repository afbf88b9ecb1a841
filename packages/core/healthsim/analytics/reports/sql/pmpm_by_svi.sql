-- One row per quartile of social vulnerability of the county: members, cost and use of care.
SELECT
    coalesce(CAST(g.svi_quartile AS VARCHAR), 'Unknown') AS svi_quartile, count(DISTINCT f.person_key) AS members,
    sum(f.member_months) AS member_months,
    1.0 * sum(f.total_paid_amount) / nullif(sum(f.member_months), 0) AS pmpm,
    1.0 * sum(f.medical_paid_amount) / nullif(sum(f.member_months), 0) AS medical_pmpm,
    1.0 * sum(f.rx_paid_amount) / nullif(sum(f.member_months), 0) AS rx_pmpm,
    12000.0 * sum(f.emergency_visits) / nullif(sum(f.member_months), 0) AS ed_visits_per_1000,
    12000.0 * sum(f.admissions) / nullif(sum(f.member_months), 0) AS admissions_per_1000
FROM analytics.fact_member_month AS f
JOIN analytics.dim_scenario AS s ON s.scenario_key = f.scenario_key
LEFT JOIN analytics.dim_geography AS g ON g.geography_key = f.geography_key
WHERE f.scenario_key = $scenario AND f.month_start <= s.data_end_date
    AND f.month_start >= date_trunc('month', s.data_start_date)
GROUP BY coalesce(CAST(g.svi_quartile AS VARCHAR), 'Unknown')
ORDER BY 1
