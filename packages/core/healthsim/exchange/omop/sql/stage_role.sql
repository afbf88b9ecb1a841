-- One row per role of a person that is exported.
SELECT i.role, i.id, p.person_id
FROM stage_identity AS i
JOIN stage_person AS p ON p.human = i.human
WHERE p.person_id IS NOT NULL
