-- A person takes part in a study once.
-- severity: fail
-- columns: subjects.study_id, subjects.person_id
SELECT person_id AS id, study_id, count(*) AS subjects
FROM subjects
WHERE person_id IS NOT NULL AND study_id IS NOT NULL
GROUP BY ALL
HAVING count(*) > 1
