-- Who is left after a criterion of events. The first one sets the index date, its first day; later ones count the days of
-- their window around it.
SELECT c.patient_id, c.birth_date, c.gender, coalesce(c.index_date, min(e.day)) AS index_date
FROM cohort_now AS c
JOIN cohort_event AS e USING (patient_id)
WHERE e.day BETWEEN $first_day AND $last_day
  AND (c.index_date IS NULL OR CAST($before AS INTEGER) IS NULL OR e.day BETWEEN c.index_date + CAST($before AS INTEGER) AND c.index_date + CAST($after AS INTEGER))
GROUP BY c.patient_id, c.birth_date, c.gender, c.index_date
HAVING count(DISTINCT e.day) >= $at_least
