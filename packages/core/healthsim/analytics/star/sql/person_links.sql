-- The crosswalk from the records of all products to persons.
SELECT r.entity_type, r.entity_id, p.person_key
FROM person_records AS r
JOIN dim_person AS p ON p.person_id = r.person_id
