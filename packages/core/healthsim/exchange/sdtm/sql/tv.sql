-- TV: one row per planned visit; its window is told in its rule.
SELECT {variables}
FROM (
    SELECT
        *,
        'Study day ' || coalesce(CAST(planned_day AS VARCHAR), 'as planned') || CASE
            WHEN window_before_days IS NOT NULL AND window_after_days IS NOT NULL
                THEN ', from ' || window_before_days || ' days before to ' || window_after_days || ' days after'
            ELSE ''
        END AS rule
    FROM visit_schedules
) AS a
WHERE coalesce(a.study_id, $study) = $study
ORDER BY a.visit_num
