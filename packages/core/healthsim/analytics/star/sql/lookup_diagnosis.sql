-- A diagnosis by any spelling of its code.
-- kind: lookup
SELECT c.spelling, d.diagnosis_key
FROM diagnosis_codes AS c
JOIN dim_diagnosis AS d ON d.code = c.code
