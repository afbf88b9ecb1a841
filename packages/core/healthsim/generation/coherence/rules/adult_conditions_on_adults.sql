-- Diseases of later life (coronary disease, COPD, dementia, enlarged prostate, arthrosis) are not on children.
-- severity: warn
-- columns: diagnoses.code, diagnoses.diagnosed_date, patients.birth_date
SELECT d.diagnosis_id AS id, d.code, datesub('year', p.birth_date, d.diagnosed_date) AS age
FROM diagnoses AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE regexp_matches(d.code, '^(I2[0-5]|J4[34]|F0[1-3]|G30|N40|M1[5-8]|C61|C50|C34)')
    AND datesub('year', p.birth_date, d.diagnosed_date) < 18
