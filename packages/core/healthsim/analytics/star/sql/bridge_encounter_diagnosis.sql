-- One row per diagnosis; those of one encounter share it by weights that sum to 1.
-- kind: fact
-- grain: one row per diagnosis of the clinical record
-- holds: diagnoses
-- rows: diagnoses.diagnosis_id, owned by visit, shared
-- tells of: encounters.encounter_id
-- dates: diagnosed = diagnosed_date_key
-- columns:
--   person_key INTEGER: the patient
--   diagnosis_key INTEGER: the diagnosis
--   encounter_type_key INTEGER: class and type of the encounter; -2 without encounter
--   age_band_key INTEGER: age on the day
--   diagnosed_date_key INTEGER: day: diagnosed_date, else onset, else the start of the encounter
--   diagnosed_date DATE: the same
--   encounter_id VARCHAR: degenerate: the encounter; NULL when not linked to one
--   diagnosis_id VARCHAR: degenerate: the diagnosis
--   diagnosis_role VARCHAR: admitting, principal, secondary, working, final
--   sequence_number INTEGER: as recorded
--   present_on_admission VARCHAR: Y, N, U, W
--   is_principal INTEGER: 1 for the principal diagnosis (the first one when none is marked); one per encounter
--   diagnosis_count INTEGER: 1
--   first_diagnosis_count INTEGER: 1 on the first row of this code for this person
--   weight DOUBLE: 1 / diagnoses of the encounter; NULL without encounter
WITH coded AS (
    SELECT
        d.diagnosis_id, d.code, d.diagnosis_type, d.sequence_number, d.present_on_admission,
        coalesce(d.patient_id, e.patient_id) AS patient_id, e.encounter_id, e.encounter_class, e.encounter_type,
        coalesce(d.diagnosed_date, d.onset_date, CAST(e.start_datetime AS DATE)) AS diagnosed_date,
        -- of one width, so that texts that begin with it sort as the numbers do
        CASE d.diagnosis_type WHEN 'principal' THEN 1 WHEN 'final' THEN 2 WHEN 'secondary' THEN 4 WHEN 'admitting' THEN 5 ELSE 3 END * 1000000
            + greatest(0, least(999999, coalesce(d.sequence_number, 9999))) AS place
    FROM diagnoses AS d
    LEFT JOIN encounters AS e ON e.encounter_id = d.encounter_id
), dated AS (
    SELECT *, coalesce({day_key(diagnosed_date)}, -1) AS diagnosed_date_key FROM coded
), row_of AS (
    SELECT
        d.diagnosis_id, d.diagnosis_type, d.sequence_number, d.present_on_admission, d.encounter_id, d.diagnosed_date, d.diagnosed_date_key,
        d.place, coalesce(p.person_key, -1) AS person_key, coalesce(p.birth_date_key, -1) AS birth_date_key,
        coalesce(x.diagnosis_key, -1) AS diagnosis_key,
        CASE WHEN d.encounter_id IS NULL THEN -2 ELSE coalesce(t.encounter_type_key, -1) END AS encounter_type_key
    FROM dated AS d
    LEFT JOIN lookup_patient AS p ON p.patient_id = d.patient_id
    LEFT JOIN lookup_diagnosis AS x ON x.spelling = d.code
    LEFT JOIN dim_encounter_type AS t
        ON t.encounter_class = coalesce(d.encounter_class, 'unknown')
        AND t.encounter_type = coalesce(d.encounter_type, d.encounter_class, 'unknown')
), shared AS (
    SELECT encounter_id, count(*) AS parts, substring(min(concat(CAST(place AS VARCHAR), diagnosis_id)), 8) AS chief
    FROM row_of
    WHERE encounter_id IS NOT NULL
    GROUP BY encounter_id
), first_one AS (
    SELECT
        person_key, diagnosis_key,
        substring(min(concat(CAST(CASE WHEN diagnosed_date_key < 0 THEN 999999999 ELSE 100000000 + diagnosed_date_key END AS VARCHAR), diagnosis_id)), 10) AS earliest
    FROM row_of
    WHERE person_key > 0 AND diagnosis_key > 0
    GROUP BY person_key, diagnosis_key
)
SELECT
    r.person_key, r.diagnosis_key, r.encounter_type_key,
    {age_at(r.birth_date_key, r.diagnosed_date_key)} AS age_band_key,
    r.diagnosed_date_key, r.diagnosed_date, r.encounter_id, r.diagnosis_id, r.diagnosis_type AS diagnosis_role, r.sequence_number,
    r.present_on_admission,
    CASE WHEN s.chief = r.diagnosis_id THEN 1 ELSE 0 END AS is_principal,
    1 AS diagnosis_count,
    CASE WHEN f.earliest = r.diagnosis_id THEN 1 ELSE 0 END AS first_diagnosis_count,
    1.0E0 / s.parts AS weight
FROM row_of AS r
LEFT JOIN shared AS s ON s.encounter_id = r.encounter_id
LEFT JOIN first_one AS f ON f.person_key = r.person_key AND f.diagnosis_key = r.diagnosis_key
