-- One row per adverse event.
-- kind: fact
-- grain: one row per adverse event
-- holds: adverse events
-- rows: adverse_events.adverse_event_id, owned by subject
-- dates: start = start_date_key; end = end_date_key
-- columns:
--   person_key INTEGER: who
--   study_key INTEGER: study
--   site_key INTEGER: site
--   arm_key INTEGER: arm
--   ae_term_key INTEGER: what
--   age_band_key INTEGER: age at start
--   start_date_key INTEGER: start
--   end_date_key INTEGER: end; -2 while ongoing
--   start_date DATE: start
--   end_date DATE: end
--   adverse_event_id VARCHAR: degenerate
--   subject_id VARCHAR: degenerate
--   severity VARCHAR: aesev, lower case
--   toxicity_grade VARCHAR: aetoxgr
--   causality VARCHAR: aerel, lower case
--   outcome VARCHAR: aeout, lower case
--   action_taken VARCHAR: aeacn, lower case
--   event_count INTEGER: 1
--   first_event_count INTEGER: 1 on the subject's first event of this term: subjects with the event
--   serious_count INTEGER: 1 when serious
--   related_count INTEGER: 1 when related to treatment
--   severe_count INTEGER: 1 when severe, or grade 3 and above
--   fatal_count INTEGER: 1 when fatal, or grade 5
--   treatment_emergent_count INTEGER: 1 when it began on or after the first exposure
--   study_day INTEGER: days from first exposure, else randomization; day 1 is that day
--   duration_days INTEGER: both days counted
WITH event AS (
    SELECT
        a.*, coalesce(j.person_key, -1) AS person_key, coalesce(j.birth_date_key, -1) AS birth_date_key,
        coalesce(j.study_key, -1) AS study_key, coalesce(j.site_key, -1) AS site_key, coalesce(j.arm_key, -1) AS arm_key,
        coalesce(j.subject_id, a.subject_id) AS known_subject_id, j.first_dose_date,
        coalesce(j.first_dose_date, j.randomization_date) AS first_day, coalesce(t.ae_term_key, -1) AS ae_term_key,
        lower(a.aesev) AS severity, lower(a.aerel) AS causality, lower(a.aeout) AS outcome
    FROM adverse_events AS a
    LEFT JOIN lookup_subject_ref AS j ON j.ref = coalesce(a.subject_id, a.usubjid)
    LEFT JOIN dim_ae_term AS t ON t.preferred_term = lower(trim(coalesce(a.aedecod, a.aeterm)))
), dated AS (
    SELECT
        *, {day_key(aestdtc)} AS start_key,
        {day_key(aeendtc)} AS end_key
    FROM event
)
SELECT
    e.person_key, e.study_key, e.site_key, e.arm_key, e.ae_term_key,
    {age_at(e.birth_date_key, e.start_key)} AS age_band_key,
    coalesce(e.start_key, -1) AS start_date_key,
    coalesce(e.end_key, -2) AS end_date_key,
    e.aestdtc AS start_date, e.aeendtc AS end_date, e.adverse_event_id, e.known_subject_id AS subject_id, e.severity,
    e.aetoxgr AS toxicity_grade, e.causality, e.outcome, lower(e.aeacn) AS action_taken,
    1 AS event_count,
    CASE
        WHEN row_number() OVER (PARTITION BY e.known_subject_id, e.ae_term_key ORDER BY e.aestdtc NULLS LAST, e.adverse_event_id) = 1 THEN 1
        ELSE 0
    END AS first_event_count,
    CASE WHEN upper(e.aeser) IN ('Y', 'YES', 'TRUE', '1') THEN 1 ELSE 0 END AS serious_count,
    CASE
        WHEN e.causality IN ('related', 'possible', 'probable', 'definite', 'possibly related', 'probably related', 'definitely related', 'y', 'yes') THEN 1
        ELSE 0
    END AS related_count,
    CASE
        WHEN e.severity IN ('severe', 'life threatening', 'life-threatening', 'fatal', 'death') OR e.aetoxgr IN ('3', '4', '5', 'GRADE 3', 'GRADE 4', 'GRADE 5') THEN 1
        ELSE 0
    END AS severe_count,
    CASE WHEN e.outcome = 'fatal' OR e.severity IN ('fatal', 'death') OR e.aetoxgr IN ('5', 'GRADE 5') THEN 1 ELSE 0 END AS fatal_count,
    CASE WHEN e.aestdtc >= e.first_dose_date THEN 1 ELSE 0 END AS treatment_emergent_count,
    CASE
        WHEN e.aestdtc >= e.first_day THEN date_diff('day', e.first_day, e.aestdtc) + 1
        ELSE date_diff('day', e.first_day, e.aestdtc)
    END AS study_day,
    date_diff('day', e.aestdtc, e.aeendtc) + 1 AS duration_days
FROM dated AS e
