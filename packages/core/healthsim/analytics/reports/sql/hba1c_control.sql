-- One row per year and age band: persons with diabetes by their last HbA1c of the year.
SELECT
    f.measurement_year AS "year", a.age_band,
    sum(f.denominator_count) FILTER (WHERE m.measure_id = 'hba1c_testing') AS persons,
    sum(f.numerator_count) FILTER (WHERE m.measure_id = 'hba1c_testing') AS tested,
    100.0 * sum(f.numerator_count) FILTER (WHERE m.measure_id = 'hba1c_testing')
        / nullif(sum(f.denominator_count) FILTER (WHERE m.measure_id = 'hba1c_testing'), 0) AS tested_percent,
    100.0 * sum(f.numerator_count) FILTER (WHERE m.measure_id = 'hba1c_control')
        / nullif(sum(f.denominator_count) FILTER (WHERE m.measure_id = 'hba1c_control'), 0) AS below_8_percent,
    100.0 * sum(f.numerator_count) FILTER (WHERE m.measure_id = 'hba1c_poor_control')
        / nullif(sum(f.denominator_count) FILTER (WHERE m.measure_id = 'hba1c_poor_control'), 0) AS above_9_or_untested_percent
FROM analytics.fact_quality_measure AS f
JOIN analytics.dim_measure AS m ON m.measure_key = f.measure_key
JOIN analytics.dim_age_band AS a ON a.age_band_key = f.age_band_key
WHERE f.scenario_key = $scenario AND m.measure_id IN ('hba1c_testing', 'hba1c_control', 'hba1c_poor_control')
GROUP BY f.measurement_year, a.age_band
HAVING sum(f.denominator_count) > 0
ORDER BY "year", TRY_CAST(regexp_extract(a.age_band, '^[0-9]+') AS INTEGER) NULLS LAST
