-- The birth itself (Z38) and conditions of the perinatal period (P00 to P96) are on infants.
-- severity: fail
-- columns: diagnoses.code, diagnoses.diagnosed_date, patients.birth_date
SELECT d.diagnosis_id AS id, d.code, d.diagnosed_date, p.birth_date
FROM diagnoses AS d
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE regexp_matches(d.code, '^(Z38|P[0-8]\d|P9[0-6])')
    AND d.diagnosed_date > p.birth_date + INTERVAL 1 YEAR
