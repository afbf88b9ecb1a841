-- One row per subject of a trial: the funnel from consent to completion.
-- kind: fact
-- grain: one row per subject of a trial
-- holds: trial subjects
-- rows: subjects.subject_id
-- dates: consent = consent_date_key; screening = screening_date_key; randomization = randomization_date_key; completion
--   = completion_date_key
-- how: A status counts where a date is missing.
-- columns:
--   person_key INTEGER: who
--   study_key INTEGER: study
--   site_key INTEGER: site
--   arm_key INTEGER: arm; -2 when not randomized
--   age_band_key INTEGER: age at consent, else at screening
--   consent_date_key INTEGER: consent; -2 when not reached (all of these)
--   screening_date_key INTEGER: screening
--   randomization_date_key INTEGER: randomization
--   first_dose_date_key INTEGER: first exposure
--   completion_date_key INTEGER: completion
--   discontinuation_date_key INTEGER: discontinuation
--   consent_date DATE: consent
--   screening_date DATE: screening
--   randomization_date DATE: randomization
--   first_dose_date DATE: first exposure
--   completion_date DATE: completion
--   discontinuation_date DATE: discontinuation
--   subject_id VARCHAR: degenerate
--   usubjid VARCHAR: degenerate
--   subject_status VARCHAR: as recorded, lower case
--   discontinuation_reason VARCHAR: as recorded
--   subject_count INTEGER: 1
--   consented_count INTEGER: 1 when consented
--   screened_count INTEGER: 1 when screened
--   screen_failure_count INTEGER: 1 when screened and not randomized and the status says so
--   randomized_count INTEGER: 1 when randomized
--   treated_count INTEGER: 1 with at least one exposure
--   completed_count INTEGER: 1 when completed
--   discontinued_count INTEGER: 1 when discontinued after randomization
--   ongoing_count INTEGER: 1 when randomized, neither completed nor discontinued
--   days_screening_to_randomization INTEGER: days
--   days_on_study INTEGER: randomization (else first dose) to completion, discontinuation or the end of the scenario's
--     data, both days counted: subject-time
WITH subject AS (
    SELECT
        j.*, k.person_key, k.birth_date_key, k.study_key, k.site_key, k.arm_key, k.first_dose_date,
        coalesce(j.informed_consent_date, j.screening_date, j.randomization_date) AS start_date,
        lower(replace(replace(coalesce(j.subject_status, ''), '_', ' '), '-', ' ')) AS stage
    FROM subjects AS j
    JOIN lookup_subject AS k ON k.subject_id = j.subject_id
), reached AS (
    SELECT
        *,
        CASE WHEN randomization_date IS NOT NULL OR stage IN ('randomized', 'randomised') THEN 1 ELSE 0 END AS randomized,
        CASE WHEN completion_date IS NOT NULL OR stage = 'completed' THEN 1 ELSE 0 END AS completed,
        CASE
            WHEN discontinuation_date IS NOT NULL OR stage LIKE '%discontinu%' OR stage LIKE '%withdr%' OR stage LIKE '%lost to%' THEN 1
            ELSE 0
        END AS stopped,
        CASE WHEN stage LIKE '%screen fail%' OR stage LIKE '%screenfail%' OR stage LIKE '%screening fail%' THEN 1 ELSE 0 END AS failed
    FROM subject
), dated AS (
    SELECT
        *, {day_key(informed_consent_date)} AS informed_consent_key,
        {day_key(screening_date)} AS screening_key,
        {day_key(randomization_date)} AS randomization_key,
        {day_key(first_dose_date)} AS first_dose_key,
        {day_key(completion_date)} AS completion_key,
        {day_key(discontinuation_date)} AS discontinuation_key
    FROM reached
)
SELECT
    r.person_key, r.study_key, r.site_key, r.arm_key,
    {age_at(r.birth_date_key, coalesce(r.informed_consent_key, r.screening_key, r.randomization_key))} AS age_band_key,
    coalesce(r.informed_consent_key, -2) AS consent_date_key,
    coalesce(r.screening_key, -2) AS screening_date_key,
    coalesce(r.randomization_key, -2) AS randomization_date_key,
    coalesce(r.first_dose_key, -2) AS first_dose_date_key,
    coalesce(r.completion_key, -2) AS completion_date_key,
    coalesce(r.discontinuation_key, -2) AS discontinuation_date_key,
    r.informed_consent_date AS consent_date, r.screening_date, r.randomization_date, r.first_dose_date, r.completion_date,
    r.discontinuation_date, r.subject_id, r.usubjid, lower(r.subject_status) AS subject_status, r.discontinuation_reason,
    1 AS subject_count,
    CASE WHEN r.informed_consent_date IS NOT NULL THEN 1 ELSE 0 END AS consented_count,
    CASE WHEN r.screening_date IS NOT NULL OR r.randomized = 1 OR r.failed = 1 THEN 1 ELSE 0 END AS screened_count,
    CASE WHEN r.failed = 1 AND r.randomized = 0 THEN 1 ELSE 0 END AS screen_failure_count,
    r.randomized AS randomized_count,
    CASE WHEN r.first_dose_date IS NOT NULL THEN 1 ELSE 0 END AS treated_count,
    r.completed AS completed_count,
    CASE WHEN r.stopped = 1 AND r.randomized = 1 AND r.completed = 0 THEN 1 ELSE 0 END AS discontinued_count,
    CASE WHEN r.randomized = 1 AND r.completed = 0 AND r.stopped = 0 THEN 1 ELSE 0 END AS ongoing_count,
    date_diff('day', r.screening_date, r.randomization_date) AS days_screening_to_randomization,
    CASE
        WHEN coalesce(r.randomization_date, r.first_dose_date) <= coalesce(r.completion_date, r.discontinuation_date, s.data_end_date)
            THEN date_diff('day', coalesce(r.randomization_date, r.first_dose_date), coalesce(r.completion_date, r.discontinuation_date, s.data_end_date)) + 1
    END AS days_on_study
FROM dated AS r
CROSS JOIN dim_scenario AS s
