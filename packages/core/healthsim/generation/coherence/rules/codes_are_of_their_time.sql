-- Codes and products are used from the first to the last day on which they exist (data/validity.yaml has dates and sources).
-- severity: fail when generated
-- any of: encounters.drg_code, encounters.reason_code, encounters.admitting_diagnosis, diagnoses.code,
--   claims.principal_diagnosis, claims.other_diagnoses, claims.drg_code, claim_lines.procedure_code,
--   claims.place_of_service, procedures.code, immunizations.cvx_code, medications.ndc, prescriptions.ndc,
--   pharmacy_claims.ndc
WITH known AS (
    SELECT
        unnest($dated_systems::VARCHAR[]) AS "system", unnest($dated_codes::VARCHAR[]) AS code,
        unnest($dated_since::DATE[]) AS since, unnest($dated_until::DATE[]) AS until
),
used AS (FROM codes_in_use)
SELECT u.id, u."table", u.code, u.first_day, u.last_day, k.since, k.until
FROM used AS u
JOIN known AS k ON k."system" = u."system" AND coalesce(k.code = u.code, TRUE)
WHERE u.last_day < k.since OR u.first_day > k.until
