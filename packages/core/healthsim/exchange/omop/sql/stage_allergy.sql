-- One row per allergy; without an onset it is dated at the person's first contact, else at birth.
-- takes: allergies as TRUE
WITH first_contact AS (SELECT person_id, min(start_date) AS start_date FROM stage_visit GROUP BY person_id)
SELECT
    $offset + row_number() OVER (ORDER BY r.person_id, a.allergy_id) AS event_id,
    'allergy' AS kind,
    a.allergy_id AS id,
    r.person_id,
    vocabulary_of(a.code_system, CASE WHEN a.code IS NULL THEN 'None' ELSE 'SNOMED' END) AS vocabulary,
    coalesce(upper(trim(a.code)), '') AS code,
    a.substance AS name,
    coalesce(a.onset_date, f.start_date, p.birth_date) AS start_date,
    left(nullif(concat_ws(': ', a.reaction, a.severity), ''), 60) AS value_text,
    left(coalesce(a.code, a.substance), 50) AS source_value
FROM allergies AS a
JOIN stage_role AS r ON r.role = 'patient' AND r.id = a.patient_id
JOIN stage_person AS p ON p.person_id = r.person_id
LEFT JOIN first_contact AS f ON f.person_id = r.person_id
