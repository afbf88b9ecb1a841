-- A prescription of a generated population is written on a day on which the patient had met someone who may write it; drugs
-- that were begun before the history have been prescribed before as well.
-- severity: warn
-- applies: generated
-- columns: prescriptions.written_date, encounters.start_datetime, encounters.end_datetime
SELECT p.prescription_id AS id, p.patient_id, p.written_date
FROM prescriptions AS p
WHERE p.written_date IS NOT NULL AND NOT EXISTS (
    FROM encounters AS e
    WHERE e.patient_id = p.patient_id AND e.start_datetime::DATE <= p.written_date
) AND NOT EXISTS (FROM medications AS m WHERE m.medication_id = p.medication_id AND m.encounter_id IS NULL)
