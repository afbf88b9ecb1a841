-- One row per exposure to treatment.
-- kind: fact
-- grain: one row per exposure to a trial treatment
-- holds: exposures
-- rows: exposures.exposure_id, owned by subject
-- dates: start = start_date_key; end = end_date_key
-- columns:
--   person_key INTEGER: who
--   study_key INTEGER: study
--   site_key INTEGER: site
--   arm_key INTEGER: arm
--   age_band_key INTEGER: age at start
--   start_date_key INTEGER: start
--   end_date_key INTEGER: end; -2 while ongoing
--   start_date DATE: start
--   end_date DATE: end
--   exposure_id VARCHAR: degenerate
--   subject_id VARCHAR: degenerate
--   treatment VARCHAR: extrt
--   dose DOUBLE: exdose
--   dose_unit VARCHAR: exdosu
--   frequency VARCHAR: exdosfrq
--   route VARCHAR: exroute
--   exposure_count INTEGER: 1
--   dose_modified_count INTEGER: 1 when the dose was modified
--   exposure_days INTEGER: both days counted
WITH exposure AS (
    SELECT
        x.*, coalesce(j.person_key, -1) AS person_key, coalesce(j.birth_date_key, -1) AS birth_date_key,
        coalesce(j.study_key, -1) AS study_key, coalesce(j.site_key, -1) AS site_key, coalesce(j.arm_key, -1) AS arm_key,
        coalesce(j.subject_id, x.subject_id) AS known_subject_id
    FROM exposures AS x
    LEFT JOIN lookup_subject_ref AS j ON j.ref = coalesce(x.subject_id, x.usubjid)
), dated AS (
    SELECT
        *, {day_key(exstdtc)} AS start_key,
        {day_key(exendtc)} AS end_key
    FROM exposure
)
SELECT
    x.person_key, x.study_key, x.site_key, x.arm_key,
    {age_at(x.birth_date_key, x.start_key)} AS age_band_key,
    coalesce(x.start_key, -1) AS start_date_key,
    coalesce(x.end_key, -2) AS end_date_key,
    x.exstdtc AS start_date, x.exendtc AS end_date, x.exposure_id, x.known_subject_id AS subject_id, x.extrt AS treatment,
    x.exdose AS dose, x.exdosu AS dose_unit, x.exdosfrq AS frequency, x.exroute AS route,
    1 AS exposure_count,
    CASE WHEN x.dose_modification IS NOT NULL AND lower(x.dose_modification) NOT IN ('none', 'n', 'no', '') THEN 1 ELSE 0 END AS dose_modified_count,
    date_diff('day', x.exstdtc, x.exendtc) + 1 AS exposure_days
FROM dated AS x
