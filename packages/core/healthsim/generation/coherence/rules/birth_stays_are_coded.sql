-- A hospital stay that begins on the day of birth says so with a code of the birth (Z38).
-- severity: fail when generated
-- columns: encounters.encounter_class, encounters.start_datetime, diagnoses.code, patients.birth_date
SELECT e.encounter_id AS id, p.birth_date, e.start_datetime
FROM encounters AS e
JOIN lives AS p ON p.patient_id = e.patient_id
WHERE e.encounter_class = 'inpatient' AND e.start_datetime::DATE = p.birth_date
    AND NOT EXISTS (FROM diagnoses AS d WHERE d.encounter_id = e.encounter_id AND d.code LIKE 'Z38%')
