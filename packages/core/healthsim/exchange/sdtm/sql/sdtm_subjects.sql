-- One row per subject: who it is, and the dates that domains count days and epochs from.
WITH treated AS (
    SELECT subject_id, min(exstdtc) AS first_day, max(coalesce(exendtc, exstdtc)) AS last_day
    FROM exposures
    GROUP BY subject_id
),
seen AS (
    SELECT subject_id, max(visit_date) AS last_day
    FROM trial_visits
    GROUP BY subject_id
)
SELECT
    b.*,
    coalesce(b.usubjid, b.subject_id) AS unique_id,
    coalesce(b.study_id, (SELECT min(t.study_id) FROM sdtm_studies AS t)) AS study,
    e.first_day AS rfstdtc,
    e.last_day AS rfendtc,
    greatest(b.completion_date, b.discontinuation_date, v.last_day, e.last_day, b.screening_date) AS rfpendtc,
    coalesce(i.site_number, b.site_id) AS siteid,
    i.principal_investigator,
    a.arm_name
FROM subjects AS b
LEFT JOIN treated AS e ON e.subject_id = b.subject_id
LEFT JOIN seen AS v ON v.subject_id = b.subject_id
LEFT JOIN sites AS i ON i.site_id = b.site_id
LEFT JOIN treatment_arms AS a
    ON a.arm_code = b.arm_code
        AND a.study_id IS NOT DISTINCT FROM coalesce(b.study_id, (SELECT min(t.study_id) FROM sdtm_studies AS t))
