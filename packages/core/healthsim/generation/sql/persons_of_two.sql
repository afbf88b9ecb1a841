-- how many persons a scenario holds, and how many of two scenarios are not in both with the same birth date
SELECT
    count(s.patient_id) AS persons,
    count(*) FILTER (o.patient_id IS NULL OR s.patient_id IS NULL OR o.birth_date IS DISTINCT FROM s.birth_date) AS changed
FROM (SELECT patient_id, birth_date FROM patients WHERE {on}) AS o
FULL JOIN (SELECT patient_id, birth_date FROM patients WHERE {made}) AS s USING (patient_id)
