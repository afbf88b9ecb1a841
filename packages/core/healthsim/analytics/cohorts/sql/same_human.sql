-- The patients that each record is the same human as, found as the star finds them: what one record of a human tells, in
-- whatever product, holds for every patient record of that human.
WITH record AS (SELECT entity_type, entity_id, person_id FROM person_records AS r)
SELECT r.entity_type AS role, r.entity_id AS id, p.entity_id AS patient_id
FROM record AS r
JOIN record AS p ON p.person_id = r.person_id AND p.entity_type = 'patient'
WHERE r.entity_type IN ('patient', 'member', 'rx_member')
