-- One row per patient and day of a laboratory value that compares as asked.
SELECT DISTINCT h.patient_id, CAST(coalesce(r.collected_datetime, r.resulted_datetime) AS DATE) AS day
FROM lab_results AS r
JOIN cohort_human AS h ON h.role = 'patient' AND h.id = r.patient_id
WHERE list_contains($terms, r.loinc_code)
  AND coalesce(r.collected_datetime, r.resulted_datetime) IS NOT NULL
  AND CASE CAST($operator AS VARCHAR)
      WHEN '>=' THEN r.value_numeric >= CAST($value AS DOUBLE)
      WHEN '>' THEN r.value_numeric > CAST($value AS DOUBLE)
      WHEN '<=' THEN r.value_numeric <= CAST($value AS DOUBLE)
      WHEN '<' THEN r.value_numeric < CAST($value AS DOUBLE)
      WHEN '=' THEN r.value_numeric = CAST($value AS DOUBLE)
      ELSE TRUE
  END
