-- One row per block of the principal diagnosis: how long inpatient stays last.
SELECT
    coalesce(x.block_name, 'Unknown') AS diagnosis_block, sum(f.inpatient_count) AS stays, sum(f.bed_days) AS bed_days,
    avg(f.length_of_stay_days) AS mean_days, median(f.length_of_stay_days) AS median_days,
    max(f.length_of_stay_days) AS longest_days, 100.0 * sum(f.death_count) / nullif(sum(f.inpatient_count), 0) AS died_percent
FROM analytics.fact_encounter AS f
LEFT JOIN analytics.dim_diagnosis AS x ON x.diagnosis_key = f.principal_diagnosis_key
WHERE f.scenario_key = $scenario AND f.inpatient_count = 1
GROUP BY coalesce(x.block_name, 'Unknown')
ORDER BY stays DESC, diagnosis_block
LIMIT $top
