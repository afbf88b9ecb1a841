-- A subject by its id or its USUBJID.
-- kind: lookup
SELECT ref, subject_id, usubjid, person_key, birth_date_key, study_key, site_key, arm_key, randomization_date, first_dose_date
FROM (
    SELECT
        r.ref, r.subject_id, r.usubjid, r.person_key, r.birth_date_key, r.study_key, r.site_key, r.arm_key, r.randomization_date,
        r.first_dose_date, row_number() OVER (PARTITION BY r.ref ORDER BY r.place, r.subject_id) AS choice
    FROM (
        SELECT subject_id AS ref, 1 AS place, * FROM lookup_subject
        UNION ALL
        SELECT usubjid AS ref, 2 AS place, * FROM lookup_subject WHERE usubjid IS NOT NULL
    ) AS r
) AS named
WHERE choice = 1
