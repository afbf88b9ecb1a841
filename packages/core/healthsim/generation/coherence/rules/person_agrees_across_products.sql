-- The same human has the same birth date, gender and SSN as patient, member, pharmacy member and subject.
-- severity: fail
-- each: role
SELECT r.{id} AS id, '{plural}' AS "table", h.person_id, r.birth_date, h.birth_date AS birth_date_of_person
FROM {table} AS r
JOIN persons AS h ON h.person_id = r.person_id
WHERE r.birth_date <> h.birth_date OR r.gender <> h.gender OR replace(r.ssn, '-', '') <> replace(h.ssn, '-', '')
