-- Diseases of male organs, and their screening, are not on females.
-- severity: fail
-- columns: diagnoses.code, patients.gender
SELECT d.diagnosis_id AS id, d.code, d.patient_id, p.gender
FROM diagnoses AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE p.gender = 'F' AND regexp_matches(d.code, '^(C6[0-3]|D29|N4[0-9]|N5[0-3]|Z12\.?5)')
