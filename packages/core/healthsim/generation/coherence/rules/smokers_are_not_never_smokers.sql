-- Who was found to be dependent on tobacco before the smoking status was taken has not "never smoked".
-- severity: fail when generated
-- columns: patients.smoking_status_code, patients.smoking_status_date, diagnoses.code, diagnoses.diagnosed_date
SELECT d.diagnosis_id AS id, p.patient_id, d.code, d.diagnosed_date, p.smoking_status, p.smoking_status_date
FROM patients AS p
JOIN diagnoses AS d ON d.patient_id = p.patient_id
WHERE p.smoking_status_code = '266919005' AND d.code LIKE 'F17.2%' AND d.diagnosed_date <= p.smoking_status_date
