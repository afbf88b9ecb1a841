-- The patient that a subject is belongs to the same person, and is alive at consent.
-- severity: fail
-- columns: subjects.patient_id, subjects.person_id, patients.person_id, subjects.informed_consent_date
SELECT s.subject_id AS id, s.patient_id, s.person_id, p.person_id AS person_of_patient
FROM subjects AS s
JOIN patients AS p ON p.patient_id = s.patient_id
WHERE s.person_id <> p.person_id OR s.informed_consent_date > p.death_date
