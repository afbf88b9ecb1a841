-- One row per arm and event: subjects who had it, and events per 100 subject years of the arm.
WITH arm AS (
    SELECT f.arm_key, count(*) AS subjects, sum(f.days_on_study) / 365.25 AS subject_years
    FROM analytics.fact_subject_milestone AS f
    WHERE f.scenario_key = $scenario AND (f.randomized_count = 1 OR f.treated_count = 1)
    GROUP BY f.arm_key
), event AS (
    SELECT f.arm_key, f.ae_term_key, sum(f.event_count) AS events, count(DISTINCT f.subject_id) AS subjects_with,
        sum(f.serious_count) AS serious
    FROM analytics.fact_adverse_event AS f
    WHERE f.scenario_key = $scenario
    GROUP BY f.arm_key, f.ae_term_key
)
SELECT
    coalesce(a.arm_name, a.arm_code, 'Unknown') AS arm, coalesce(x.preferred_term, 'Unknown') AS event,
    r.subjects, e.subjects_with, 100.0 * e.subjects_with / nullif(r.subjects, 0) AS incidence_percent,
    e.events, e.serious, 100.0 * e.events / nullif(r.subject_years, 0) AS per_100_subject_years
FROM event AS e
LEFT JOIN arm AS r ON r.arm_key = e.arm_key
LEFT JOIN analytics.dim_arm AS a ON a.arm_key = e.arm_key
LEFT JOIN analytics.dim_ae_term AS x ON x.ae_term_key = e.ae_term_key
ORDER BY e.subjects_with DESC, event, arm
LIMIT $top
