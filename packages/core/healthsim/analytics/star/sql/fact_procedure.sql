-- One row per procedure of the clinical record.
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
        *, year(performed_date) * 10000 + month(performed_date) * 100 + day(performed_date) AS performed_key
    FROM done
)
SELECT
    coalesce(p.person_key, -1) AS person_key, coalesce(x.procedure_key, -1) AS procedure_key,
    CASE WHEN d.encounter_id IS NULL THEN -2 ELSE coalesce(t.encounter_type_key, -1) END AS encounter_type_key,
    CASE WHEN d.encounter_id IS NULL THEN -2 ELSE coalesce(f.facility_key, -1) END AS facility_key,
    coalesce(v.provider_key, -1) AS performing_provider_key,
    CASE
        WHEN p.birth_date_key > 0 AND d.performed_key IS NOT NULL
            THEN greatest(-1, least(120, (d.performed_key - p.birth_date_key + 10000) // 10000 - 1))
        ELSE -1
    END AS age_band_key,
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
