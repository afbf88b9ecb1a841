-- The patients of a scenario that match, by name and id: one part of them, and how many there are in all.
-- {conditions}: what a patient fulfils; p is the patient.
WITH chosen AS (
    SELECT p.patient_id, p.given_name, p.family_name
    FROM patients AS p
    WHERE {conditions}
)
SELECT patient_id, (SELECT count(*) FROM chosen) AS total
FROM chosen
ORDER BY lower(family_name) NULLS LAST, lower(given_name) NULLS LAST, patient_id
LIMIT $limit OFFSET $offset
