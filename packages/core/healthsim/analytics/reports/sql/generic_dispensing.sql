-- One row per therapeutic class: fills, and the share that is generic.
SELECT
    coalesce(x.therapeutic_class, 'Unknown') AS therapeutic_class, sum(f.fill_count) AS fills,
    sum(f.generic_fill_count) AS generic_fills, sum(f.brand_fill_count) AS brand_fills,
    100.0 * sum(f.generic_fill_count) / nullif(sum(f.generic_fill_count) + sum(f.brand_fill_count), 0) AS generic_rate,
    sum(f.net_plan_paid_amount) AS plan_paid,
    1.0 * sum(f.net_plan_paid_amount) / nullif(sum(f.fill_count), 0) AS paid_per_fill
FROM analytics.fact_rx_fill AS f
LEFT JOIN analytics.dim_drug AS x ON x.drug_key = f.drug_key
WHERE f.scenario_key = $scenario
GROUP BY coalesce(x.therapeutic_class, 'Unknown')
ORDER BY fills DESC, therapeutic_class
