-- One row per adherence measure and year: who has drugs for at least 80 % of the days.
SELECT
    f.measurement_year AS "year", m.name AS measure,
    sum(f.denominator_count) AS persons, sum(f.numerator_count) AS adherent,
    100.0 * sum(f.numerator_count) / nullif(sum(f.denominator_count), 0) AS adherent_percent,
    100.0 * avg(f.measure_value) FILTER (WHERE f.denominator_count = 1) AS mean_pdc
FROM analytics.fact_quality_measure AS f
JOIN analytics.dim_measure AS m ON m.measure_key = f.measure_key
WHERE f.scenario_key = $scenario AND m.measure_id IN ('adherence_diabetes', 'adherence_rasa', 'adherence_statins')
GROUP BY f.measurement_year, m.name
HAVING sum(f.denominator_count) > 0
ORDER BY "year", measure
