-- One row per procedure of the clinical record.
-- kind: fact
-- grain: one row per procedure of the clinical record
-- holds: procedures
-- rows: procedures.procedure_id, owned by visit
-- tells of: encounters.encounter_id
-- dates: performed = performed_date_key
-- columns:
--   person_key INTEGER: the patient
--   procedure_key INTEGER: what was done
--   encounter_type_key INTEGER: class and type of its encounter; -2 without encounter
--   facility_key INTEGER: where; -2 without encounter
--   performing_provider_key INTEGER [provider]: who
--   age_band_key INTEGER: age on the day
--   performed_date_key INTEGER: day
--   performed_date DATE: day
--   procedure_id VARCHAR: degenerate
--   encounter_id VARCHAR: degenerate
--   procedure_count INTEGER: 1
WITH done AS (
    SELECT
        o.procedure_id, e.encounter_id, e.encounter_class, e.encounter_type, e.facility_id, o.code,
        coalesce(o.patient_id, e.patient_id) AS patient_id,
        coalesce(o.performing_provider_id, e.attending_provider_id) AS provider_id,
        CAST(coalesce(o.performed_datetime, e.start_datetime) AS DATE) AS performed_date
    FROM procedures AS o
    LEFT JOIN encounters AS e ON e.encounter_id = o.encounter_id
), dated AS (
    SELECT
        *, {day_key(performed_date)} AS performed_key
    FROM done
)
SELECT
    coalesce(p.person_key, -1) AS person_key, coalesce(x.procedure_key, -1) AS procedure_key,
    CASE WHEN d.encounter_id IS NULL THEN -2 ELSE coalesce(t.encounter_type_key, -1) END AS encounter_type_key,
    CASE WHEN d.encounter_id IS NULL THEN -2 ELSE coalesce(f.facility_key, -1) END AS facility_key,
    coalesce(v.provider_key, -1) AS performing_provider_key,
    {age_at(p.birth_date_key, d.performed_key)} AS age_band_key,
    coalesce(d.performed_key, -1) AS performed_date_key,
    d.performed_date, d.procedure_id, d.encounter_id, 1 AS procedure_count
FROM dated AS d
LEFT JOIN lookup_patient AS p ON p.patient_id = d.patient_id
LEFT JOIN lookup_procedure AS x ON x.code = upper(trim(d.code))
LEFT JOIN dim_encounter_type AS t
    ON t.encounter_class = coalesce(d.encounter_class, 'unknown')
    AND t.encounter_type = coalesce(d.encounter_type, d.encounter_class, 'unknown')
LEFT JOIN lookup_facility AS f ON f.ref = d.facility_id
LEFT JOIN lookup_provider AS v ON v.ref = d.provider_id
