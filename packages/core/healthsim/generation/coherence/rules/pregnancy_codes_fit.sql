-- Codes of pregnancy, delivery and the puerperium are on females of 12 to 55 years.
-- severity: fail
-- columns: diagnoses.code, diagnoses.diagnosed_date, patients.gender, patients.birth_date
SELECT d.diagnosis_id AS id, d.code, p.gender, datesub('year', p.birth_date, d.day) AS age
FROM (
    SELECT x.diagnosis_id, x.patient_id, x.code, coalesce(e.start_datetime::DATE, x.diagnosed_date) AS day
    FROM diagnoses AS x
    LEFT JOIN encounters AS e ON e.encounter_id = x.encounter_id
    WHERE regexp_matches(x.code, '^(O\d|Z3[34679]|Z3A)')
) AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE p.gender = 'M' OR datesub('year', p.birth_date, d.day) NOT BETWEEN 12 AND 55
