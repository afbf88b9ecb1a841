-- A drug is ended on or after the day on which it was started.
-- severity: fail
-- columns: medications.start_date, medications.end_date
SELECT medication_id AS id, start_date, end_date
FROM medications
WHERE end_date < start_date
