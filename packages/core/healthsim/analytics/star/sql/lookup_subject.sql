-- A subject by its id or its USUBJID: who it is, study, site, arm, and when treatment began.
-- kind: lookup
WITH dosed AS (
    SELECT coalesce(e.subject_id, j.subject_id) AS subject_id, min(e.exstdtc) AS first_dose_date
    FROM exposures AS e
    LEFT JOIN subjects AS j ON j.usubjid = e.usubjid
    GROUP BY coalesce(e.subject_id, j.subject_id)
), arm AS (
    SELECT study_key, ref, min(arm_key) AS arm_key
    FROM (
        SELECT study_key, arm_code AS ref, arm_key FROM dim_arm
        UNION ALL SELECT study_key, treatment_arm_id, arm_key FROM dim_arm
    ) AS refs
    WHERE ref IS NOT NULL
    GROUP BY study_key, ref
), subject AS (
    SELECT
        j.subject_id, j.usubjid, p.person_key, p.birth_date_key,
        coalesce(s.study_key, i.study_key, -1) AS study_key, coalesce(i.site_key, -1) AS site_key, j.arm_code,
        j.randomization_date, d.first_dose_date
    FROM subjects AS j
    JOIN person_links AS k ON k.entity_type = 'subject' AND k.entity_id = j.subject_id
    JOIN dim_person AS p ON p.person_key = k.person_key
    LEFT JOIN dim_study AS s ON s.study_id = j.study_id
    LEFT JOIN dim_site AS i ON i.site_id = j.site_id
    LEFT JOIN dosed AS d ON d.subject_id = j.subject_id
)
SELECT
    j.subject_id, j.usubjid, j.person_key, j.birth_date_key, j.study_key, j.site_key,
    CASE
        WHEN j.arm_code IS NOT NULL THEN coalesce(a.arm_key, u.arm_key, -1)
        WHEN j.randomization_date IS NOT NULL THEN -1
        ELSE -2
    END AS arm_key,
    j.randomization_date, j.first_dose_date
FROM subject AS j
LEFT JOIN arm AS a ON a.ref = j.arm_code AND a.study_key = j.study_key
LEFT JOIN arm AS u ON u.ref = j.arm_code AND u.study_key = -1
