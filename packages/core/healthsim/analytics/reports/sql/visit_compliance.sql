-- One row per trial and visit: held, missed, and held within the window.
SELECT
    coalesce(t.protocol_number, t.study_id, 'Unknown') AS study, coalesce(f.visit_name, 'Unknown') AS visit,
    sum(f.visit_count) AS visits, sum(f.completed_count) AS held, sum(f.missed_count) AS missed,
    sum(f.in_window_count) AS in_window, sum(f.out_of_window_count) AS out_of_window,
    100.0 * sum(f.in_window_count) / nullif(sum(f.completed_count) + sum(f.missed_count), 0) AS compliance_percent,
    avg(abs(f.window_deviation_days)) AS mean_deviation_days
FROM analytics.fact_trial_visit AS f
LEFT JOIN analytics.dim_study AS t ON t.study_key = f.study_key
WHERE f.scenario_key = $scenario
GROUP BY coalesce(t.protocol_number, t.study_id, 'Unknown'), coalesce(f.visit_name, 'Unknown')
ORDER BY study, min(f.visit_num), visit
