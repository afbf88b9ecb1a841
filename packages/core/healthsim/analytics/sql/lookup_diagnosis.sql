-- A diagnosis by any spelling of its code.
SELECT c.spelling, d.diagnosis_key, d.is_ambulatory_care_sensitive
FROM diagnosis_codes AS c
JOIN dim_diagnosis AS d ON d.code = c.code
