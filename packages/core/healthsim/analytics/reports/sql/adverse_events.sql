-- One row per arm and event: subjects who had it, and events per 100 subject years of the arm.
WITH subject AS (
    SELECT subject_id, arm_key, days_on_study
    FROM analytics.fact_subject_milestone
    WHERE scenario_key = $scenario AND (randomized_count = 1 OR treated_count = 1)
), arm AS (
    SELECT arm_key, count(*) AS subjects, sum(days_on_study) / 365.25 AS subject_years FROM subject GROUP BY arm_key
), event AS (
    -- what is counted for the rates are events of the subjects, and on the days, that they are divided by
    SELECT f.arm_key, f.ae_term_key, sum(f.event_count) AS events, count(DISTINCT f.subject_id) AS subjects_with,
        sum(f.serious_count) AS serious, count(DISTINCT s.subject_id) AS counted_subjects,
        sum(f.event_count) FILTER (WHERE s.days_on_study IS NOT NULL) AS counted_events
    FROM analytics.fact_adverse_event AS f
    LEFT JOIN subject AS s ON s.subject_id = f.subject_id
    WHERE f.scenario_key = $scenario
    GROUP BY f.arm_key, f.ae_term_key
)
SELECT
    coalesce(a.arm_name, a.arm_code, 'Unknown') AS arm, coalesce(x.preferred_term, 'Unknown') AS event,
    r.subjects, e.subjects_with, 100.0 * e.counted_subjects / nullif(r.subjects, 0) AS incidence_percent,
    e.events, e.serious, 100.0 * coalesce(e.counted_events, 0) / nullif(r.subject_years, 0) AS per_100_subject_years
FROM event AS e
LEFT JOIN arm AS r ON r.arm_key = e.arm_key
LEFT JOIN analytics.dim_arm AS a ON a.arm_key = e.arm_key
LEFT JOIN analytics.dim_ae_term AS x ON x.ae_term_key = e.ae_term_key
ORDER BY e.subjects_with DESC, event, arm
LIMIT $top
