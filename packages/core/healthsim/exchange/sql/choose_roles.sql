-- the persons, patients, members, pharmacy members and subjects that are the same humans as the patients
INSERT INTO chosen
SELECT i.role, i.id
FROM chosen_identity AS i
WHERE i.human IN (
    SELECT c.human FROM chosen_identity AS c WHERE c.role = 'patient' AND c.id IN (SELECT unnest($patients))
)
