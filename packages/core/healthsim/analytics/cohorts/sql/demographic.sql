-- Who is left by sex, and by age on the index date (without one, on the last day that counts).
SELECT c.*
FROM cohort_now AS c
WHERE (CAST($sex AS VARCHAR) IS NULL OR c.gender = $sex)
  AND (
      CAST($youngest AS INTEGER) IS NULL
      OR year(coalesce(c.index_date, CAST($at AS DATE))) - year(c.birth_date)
          - CASE WHEN strftime(coalesce(c.index_date, CAST($at AS DATE)), '%m%d') < strftime(c.birth_date, '%m%d') THEN 1 ELSE 0 END
          BETWEEN CAST($youngest AS INTEGER) AND CAST($oldest AS INTEGER)
  )
