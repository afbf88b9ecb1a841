-- A prescription is of the patient and the drug of the medication that it names.
-- severity: fail when generated
-- columns: prescriptions.medication_id, prescriptions.ndc, prescriptions.patient_id, medications.ndc,
--   medications.patient_id
SELECT p.prescription_id AS id, p.medication_id, p.patient_id, m.patient_id AS taken_by, p.ndc, m.ndc AS taken
FROM prescriptions AS p
JOIN medications AS m ON m.medication_id = p.medication_id
WHERE p.patient_id <> m.patient_id OR replace(p.ndc, '-', '') <> replace(m.ndc, '-', '')
