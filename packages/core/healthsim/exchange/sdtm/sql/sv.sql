-- SV: one row per visit that took place, with the day that was planned for it.
SELECT {variables}
FROM (
    SELECT v.*, p.planned_day
    FROM trial_visits AS v
    LEFT JOIN subjects AS b ON b.subject_id = v.subject_id
    LEFT JOIN visit_schedules AS p
        ON p.visit_num = v.visit_num AND (p.study_id = b.study_id OR p.study_id IS NULL OR b.study_id IS NULL)
    WHERE v.visit_date IS NOT NULL AND coalesce(v.visit_status, 'completed') NOT IN ('missed', 'scheduled')
    QUALIFY row_number() OVER (PARTITION BY v.trial_visit_id ORDER BY p.study_id NULLS LAST) = 1
) AS a
JOIN sdtm_subjects AS s ON s.subject_id = a.subject_id
WHERE s.study = $study
ORDER BY s.unique_id, a.visit_num, a.visit_date
