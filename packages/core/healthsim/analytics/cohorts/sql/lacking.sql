-- Who is left after a criterion that excludes.
SELECT c.*
FROM cohort_now AS c
WHERE NOT EXISTS (
    SELECT 1
    FROM cohort_event AS e
    WHERE e.patient_id = c.patient_id
      AND e.day BETWEEN $first_day AND $last_day
      AND (c.index_date IS NULL OR CAST($before AS INTEGER) IS NULL OR e.day BETWEEN c.index_date + CAST($before AS INTEGER) AND c.index_date + CAST($after AS INTEGER))
)
