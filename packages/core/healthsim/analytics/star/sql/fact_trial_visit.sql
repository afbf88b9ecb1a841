-- One row per visit of a subject.
-- kind: fact
-- grain: one row per visit of a trial subject
-- holds: trial visits
-- rows: trial_visits.trial_visit_id, owned by subject
-- dates: visit = visit_date_key
-- how: A visit is in its window when its deviation is 0: as recorded, else by the schedule of the study.
-- columns:
--   person_key INTEGER: who
--   study_key INTEGER: study
--   site_key INTEGER: site
--   arm_key INTEGER: arm
--   age_band_key INTEGER: age on the day
--   visit_date_key INTEGER: day
--   visit_date DATE: day
--   trial_visit_id VARCHAR: degenerate
--   subject_id VARCHAR: degenerate
--   visit_num DECIMAL(14,2): number of the visit
--   visit_name VARCHAR: name
--   visit_status VARCHAR: as recorded, lower case
--   study_day INTEGER: day of the study
--   planned_day INTEGER: of the schedule
--   window_deviation_days INTEGER: as recorded, else study_day - planned_day outside the window, 0 inside
--   visit_count INTEGER: 1
--   completed_count INTEGER: 1 when it took place
--   missed_count INTEGER: 1 when missed
--   in_window_count INTEGER: 1 when it took place within its window
--   out_of_window_count INTEGER: 1 when it took place outside its window
WITH visit AS (
    SELECT
        v.*, coalesce(j.person_key, -1) AS person_key, coalesce(j.birth_date_key, -1) AS birth_date_key,
        coalesce(j.study_key, -1) AS study_key, coalesce(j.site_key, -1) AS site_key, coalesce(j.arm_key, -1) AS arm_key,
        coalesce(j.subject_id, v.subject_id) AS known_subject_id,
        h.planned_day, h.window_before_days, h.window_after_days, lower(replace(coalesce(v.visit_status, ''), '_', ' ')) AS state
    FROM trial_visits AS v
    LEFT JOIN lookup_subject_ref AS j ON j.ref = coalesce(v.subject_id, v.usubjid)
    LEFT JOIN lookup_schedule AS h ON h.study_key = j.study_key AND h.visit_num = v.visit_num
), judged AS (
    SELECT
        *,
        coalesce(
            window_deviation_days,
            CASE
                WHEN study_day < planned_day - window_before_days OR study_day > planned_day + window_after_days THEN study_day - planned_day
                WHEN study_day IS NOT NULL AND planned_day IS NOT NULL THEN 0
            END
        ) AS deviation,
        CASE
            WHEN state IN ('missed', 'not done', 'skipped', 'cancelled', 'canceled') THEN 'missed'
            WHEN state IN ('scheduled', 'planned', 'pending') THEN 'planned'
            WHEN state IN ('completed', 'complete', 'done', 'occurred', 'unscheduled') OR visit_date IS NOT NULL THEN 'completed'
            ELSE 'planned'
        END AS outcome
    FROM visit
), dated AS (
    SELECT
        *, {day_key(visit_date)} AS visit_key
    FROM judged
)
SELECT
    v.person_key, v.study_key, v.site_key, v.arm_key,
    {age_at(v.birth_date_key, v.visit_key)} AS age_band_key,
    coalesce(v.visit_key, -1) AS visit_date_key,
    v.visit_date, v.trial_visit_id, v.known_subject_id AS subject_id, v.visit_num, v.visit_name, lower(v.visit_status) AS visit_status,
    v.study_day, v.planned_day, v.deviation AS window_deviation_days,
    1 AS visit_count,
    CASE WHEN v.outcome = 'completed' THEN 1 ELSE 0 END AS completed_count,
    CASE WHEN v.outcome = 'missed' THEN 1 ELSE 0 END AS missed_count,
    CASE WHEN v.outcome = 'completed' AND v.deviation = 0 THEN 1 ELSE 0 END AS in_window_count,
    CASE WHEN v.outcome = 'completed' AND v.deviation <> 0 THEN 1 ELSE 0 END AS out_of_window_count
FROM dated AS v
