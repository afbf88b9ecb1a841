-- A drug that is given for a diagnosed condition is started on or after the day on which the condition was found; one that
-- was begun elsewhere, at no contact on record, after the condition began.
-- severity: fail when generated
-- columns: medications.indication, medications.start_date, medications.encounter_id, diagnoses.code,
--   diagnoses.description, diagnoses.diagnosed_date, diagnoses.onset_date
WITH found AS (
    SELECT
        patient_id, upper(left(code, 3)) AS condition, min(coalesce(diagnosed_date, onset_date)) AS since,
        min(coalesce(onset_date, diagnosed_date)) AS begun
    FROM diagnoses
    WHERE code IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT
        patient_id, lower(description), min(coalesce(diagnosed_date, onset_date)), min(coalesce(onset_date, diagnosed_date))
    FROM diagnoses
    WHERE description IS NOT NULL
    GROUP BY ALL
),
given AS (
    SELECT
        medication_id, patient_id, encounter_id, indication, start_date,
        CASE WHEN regexp_matches(indication, '^[A-Z]\d[\dAB](\.[\dA-Z]{1,4})?$') THEN left(indication, 3)
            ELSE lower(indication) END AS condition
    FROM medications
    WHERE indication IS NOT NULL
)
SELECT g.medication_id AS id, g.patient_id, g.indication, g.start_date, f.since
FROM given AS g
JOIN found AS f ON f.patient_id = g.patient_id AND f.condition = g.condition
WHERE g.start_date < f.since AND (g.encounter_id IS NOT NULL OR g.start_date < f.begun)
