-- A patient record: who it is, where they live, when they were born.
-- kind: lookup
SELECT l.entity_id AS patient_id, p.person_key, p.birth_date_key, p.geography_key, p.death_date
FROM person_links AS l
JOIN dim_person AS p ON p.person_key = l.person_key
WHERE l.entity_type = 'patient'
