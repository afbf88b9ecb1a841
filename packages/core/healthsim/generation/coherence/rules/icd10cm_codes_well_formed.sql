-- Diagnosis codes have the form of ICD-10-CM, and their chapter exists.
-- severity: fail
-- any of: diagnoses.code, claims.principal_diagnosis, claims.other_diagnoses
WITH codes AS (FROM diagnosis_codes)
SELECT id, "table", code
FROM codes
WHERE NOT regexp_matches(code, '^([A-TV-Z]\d[\dAB]|U0[0-9]|U[89]\d)(\.?[\dA-Z]{1,4})?$')
