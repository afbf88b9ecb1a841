-- Diseases of female organs, and their screening, are not on males.
-- severity: fail
-- columns: diagnoses.code, patients.gender
SELECT d.diagnosis_id AS id, d.code, d.patient_id, p.gender
FROM diagnoses AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE p.gender = 'M' AND regexp_matches(d.code, '^(C5[1-8]|D2[5-8]|N7[0-7]|N8\d|N9[0-8]|Z12\.?4|Z01\.?41)')
