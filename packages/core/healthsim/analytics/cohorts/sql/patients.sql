-- Every patient of the scenario; the index date is not known yet.
SELECT patient_id, birth_date, gender, CAST(NULL AS DATE) AS index_date
FROM patients
