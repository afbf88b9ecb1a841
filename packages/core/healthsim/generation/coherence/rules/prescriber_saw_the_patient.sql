-- A prescription of a generated population is written on a day on which the patient met someone who may write it.
-- severity: warn
-- applies: generated
-- columns: prescriptions.written_date, encounters.start_datetime, encounters.end_datetime
SELECT p.prescription_id AS id, p.patient_id, p.written_date
FROM prescriptions AS p
WHERE p.written_date IS NOT NULL AND NOT EXISTS (
    FROM encounters AS e
    WHERE e.patient_id = p.patient_id AND e.start_datetime::DATE <= p.written_date
)
