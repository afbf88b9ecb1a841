-- One row per patient and day of a laboratory value that compares as asked.
SELECT DISTINCT patient_id, CAST(coalesce(collected_datetime, resulted_datetime) AS DATE) AS day
FROM main.lab_results
WHERE scenario_id = $scenario
  AND list_contains($terms, loinc_code)
  AND coalesce(collected_datetime, resulted_datetime) IS NOT NULL
  AND CASE CAST($operator AS VARCHAR)
      WHEN '>=' THEN value_numeric >= CAST($value AS DOUBLE)
      WHEN '>' THEN value_numeric > CAST($value AS DOUBLE)
      WHEN '<=' THEN value_numeric <= CAST($value AS DOUBLE)
      WHEN '<' THEN value_numeric < CAST($value AS DOUBLE)
      WHEN '=' THEN value_numeric = CAST($value AS DOUBLE)
      ELSE true
  END
