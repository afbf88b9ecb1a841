-- One row per trial and site: how many subjects reached each stage.
SELECT
    coalesce(t.protocol_number, t.study_id, 'Unknown') AS study, coalesce(s.name, s.site_id, 'Unknown') AS site,
    sum(f.consented_count) AS consented, sum(f.screened_count) AS screened, sum(f.screen_failure_count) AS screen_failures,
    sum(f.randomized_count) AS randomized, sum(f.treated_count) AS treated, sum(f.completed_count) AS completed,
    sum(f.discontinued_count) AS discontinued, sum(f.ongoing_count) AS ongoing,
    100.0 * sum(f.randomized_count) / nullif(sum(f.screened_count), 0) AS randomized_percent
FROM analytics.fact_subject_milestone AS f
LEFT JOIN analytics.dim_study AS t ON t.study_key = f.study_key
LEFT JOIN analytics.dim_site AS s ON s.site_key = f.site_key
WHERE f.scenario_key = $scenario
GROUP BY coalesce(t.protocol_number, t.study_id, 'Unknown'), coalesce(s.name, s.site_id, 'Unknown')
ORDER BY study, site
