-- Diagnosis codes exist in ICD-10-CM (checked when the package simple-icd-10-cm is installed).
-- severity: fail when generated
-- any of: diagnoses.code, claims.principal_diagnosis, claims.other_diagnoses
WITH codes AS (FROM diagnosis_codes)
SELECT id, "table", code
FROM codes
WHERE code IN (SELECT unnest($unknown_icd10cm::VARCHAR[]))
