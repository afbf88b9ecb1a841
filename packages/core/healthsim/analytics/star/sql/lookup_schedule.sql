-- The planned day and window of each visit of a study; without a study, of the only one.
-- kind: lookup
SELECT coalesce(s.study_key, -1) AS study_key, v.visit_num, min(v.planned_day) AS planned_day,
    max(coalesce(v.window_before_days, 0)) AS window_before_days, max(coalesce(v.window_after_days, 0)) AS window_after_days
FROM visit_schedules AS v
LEFT JOIN dim_study AS s ON s.study_id = v.study_id
WHERE v.visit_num IS NOT NULL
GROUP BY coalesce(s.study_key, -1), v.visit_num
