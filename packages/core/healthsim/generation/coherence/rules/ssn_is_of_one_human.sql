-- One SSN belongs to one human: the rows that have it agree on birth date and gender.
-- severity: fail
-- any of: persons.ssn, patients.ssn, members.ssn, rx_members.ssn, subjects.ssn
WITH people AS (
    SELECT ssn, birth_date, gender FROM persons
    UNION ALL SELECT ssn, birth_date, gender FROM patients
    UNION ALL SELECT ssn, birth_date, gender FROM members
    UNION ALL SELECT ssn, birth_date, gender FROM rx_members
    UNION ALL SELECT ssn, birth_date, gender FROM subjects
)
SELECT replace(ssn, '-', '') AS id, min(birth_date) AS one_birth_date, max(birth_date) AS other_birth_date
FROM people
WHERE ssn IS NOT NULL
GROUP BY replace(ssn, '-', '')
HAVING min(birth_date) <> max(birth_date)
    OR min(gender) FILTER (gender IN ('F', 'M')) <> max(gender) FILTER (gender IN ('F', 'M'))
