-- Which person each record of a product is: the crosswalk behind dim_person.
-- kind: link
-- grain: one row per record
-- columns:
--   entity_type VARCHAR: person, patient, member, rx_member or subject
--   entity_id VARCHAR: the id of that record in the canonical table
--   person_key INTEGER: the person that it is
SELECT r.entity_type, r.entity_id, p.person_key
FROM person_records AS r
JOIN dim_person AS p ON p.person_id = r.person_id
