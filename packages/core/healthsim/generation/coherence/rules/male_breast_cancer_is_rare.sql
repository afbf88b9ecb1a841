-- Breast cancer is rare in males: at most 3 % of the patients who have it (about 1 % in the United States).
-- severity: warn
-- columns: diagnoses.code, patients.gender
WITH patients_with AS (
    SELECT DISTINCT d.patient_id, p.gender
    FROM diagnoses AS d
    JOIN lives AS p ON p.patient_id = d.patient_id
    WHERE starts_with(d.code, 'C50')
)
SELECT patient_id AS id, gender
FROM patients_with
WHERE gender = 'M' AND (SELECT count(*) >= 100 AND avg((gender = 'M')::INTEGER) > 0.03 FROM patients_with)
