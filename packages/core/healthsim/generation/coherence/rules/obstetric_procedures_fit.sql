-- Procedures of maternity care (CPT 59000 to 59899, ICD-10-PCS section 1) are on females of 12 to 55 years.
-- severity: fail
-- columns: procedures.code, procedures.performed_datetime, patients.gender, patients.birth_date
SELECT x.procedure_id AS id, x.code, p.gender, datesub('year', p.birth_date, x.performed_datetime::DATE) AS age
FROM procedures AS x
JOIN lives AS p ON p.patient_id = x.patient_id
WHERE regexp_matches(x.code, '^(59[0-8]\d\d|1[0-9A-Z]{6})$')
    AND (p.gender = 'M' OR datesub('year', p.birth_date, x.performed_datetime::DATE) NOT BETWEEN 12 AND 55)
