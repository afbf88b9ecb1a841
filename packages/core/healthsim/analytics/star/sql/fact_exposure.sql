-- One row per exposure to treatment.
WITH exposure AS (
    SELECT
        x.*, coalesce(j.person_key, -1) AS person_key, coalesce(j.birth_date_key, -1) AS birth_date_key,
        coalesce(j.study_key, -1) AS study_key, coalesce(j.site_key, -1) AS site_key, coalesce(j.arm_key, -1) AS arm_key,
        coalesce(j.subject_id, x.subject_id) AS known_subject_id
    FROM exposures AS x
    LEFT JOIN lookup_subject_ref AS j ON j.ref = coalesce(x.subject_id, x.usubjid)
), dated AS (
    SELECT
        *, year(exstdtc) * 10000 + month(exstdtc) * 100 + day(exstdtc) AS start_key,
        year(exendtc) * 10000 + month(exendtc) * 100 + day(exendtc) AS end_key
    FROM exposure
)
SELECT
    x.person_key, x.study_key, x.site_key, x.arm_key,
    CASE
        WHEN x.birth_date_key < 0 OR x.start_key IS NULL THEN -1
        ELSE greatest(-1, least(120, (x.start_key - x.birth_date_key + 10000) // 10000 - 1))
    END AS age_band_key,
    coalesce(x.start_key, -1) AS start_date_key,
    coalesce(x.end_key, -2) AS end_date_key,
    x.exstdtc AS start_date, x.exendtc AS end_date, x.exposure_id, x.known_subject_id AS subject_id, x.extrt AS treatment,
    x.exdose AS dose, x.exdosu AS dose_unit, x.exdosfrq AS frequency, x.exroute AS route,
    1 AS exposure_count,
    CASE WHEN x.dose_modification IS NOT NULL AND lower(x.dose_modification) NOT IN ('none', 'n', 'no', '') THEN 1 ELSE 0 END AS dose_modified_count,
    date_diff('day', x.exstdtc, x.exendtc) + 1 AS exposure_days
FROM dated AS x
