-- The persons, patients, members, pharmacy members and subjects that are the same humans as the patients of the cohort.
INSERT INTO cohort_kept
SELECT i.role, i.id
FROM cohort_identity AS i
WHERE i.human IN (
    SELECT c.human FROM cohort_identity AS c WHERE c.role = 'patient' AND c.id IN (SELECT unnest($patients))
)
