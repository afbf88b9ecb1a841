-- Check-ups of children (Z00.12) and of newborns (Z00.11) are of children, those of adults (Z00.0) of adults.
-- severity: fail
-- columns: diagnoses.code, diagnoses.diagnosed_date, patients.birth_date
SELECT d.diagnosis_id AS id, d.code, datesub('year', p.birth_date, d.diagnosed_date) AS age
FROM diagnoses AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE (regexp_matches(d.code, '^Z00\.?12') AND datesub('year', p.birth_date, d.diagnosed_date) > 17)
    OR (regexp_matches(d.code, '^Z00\.?11') AND datesub('day', p.birth_date, d.diagnosed_date) > 28)
    OR (regexp_matches(d.code, '^Z00\.?0') AND datesub('year', p.birth_date, d.diagnosed_date) < 15)
