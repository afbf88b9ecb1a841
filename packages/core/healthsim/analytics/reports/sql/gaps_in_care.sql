-- One row per primary care provider: care that is missing in the last year of the data.
SELECT
    coalesce(p.name, 'Unknown') AS pcp, count(DISTINCT f.person_key) AS persons,
    sum(f.denominator_count) AS opportunities, sum(f.gap_count) AS gaps,
    count(DISTINCT f.person_key) FILTER (WHERE f.gap_count = 1) AS persons_with_gaps,
    100.0 * (sum(f.denominator_count) - sum(f.gap_count)) / nullif(sum(f.denominator_count), 0) AS closed_percent
FROM analytics.fact_quality_measure AS f
LEFT JOIN analytics.dim_provider AS p ON p.provider_key = f.pcp_provider_key
WHERE f.scenario_key = $scenario AND f.measurement_year = (
    SELECT max(measurement_year) FROM analytics.fact_quality_measure WHERE scenario_key = $scenario
)
GROUP BY f.pcp_provider_key, coalesce(p.name, 'Unknown')
ORDER BY gaps DESC, pcp
LIMIT $top
