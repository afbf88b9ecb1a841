-- What an encounter records as diagnosis was found by its last day.
-- severity: fail when generated
-- columns: diagnoses.diagnosed_date, encounters.start_datetime, encounters.end_datetime
SELECT d.diagnosis_id AS id, d.code, d.diagnosed_date, e.end_datetime
FROM diagnoses AS d
JOIN encounters AS e ON e.encounter_id = d.encounter_id
WHERE d.diagnosed_date > coalesce(e.end_datetime, e.start_datetime)::DATE
