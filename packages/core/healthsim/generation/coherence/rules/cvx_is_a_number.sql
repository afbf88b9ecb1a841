-- Vaccines have a CVX code of one to three digits.
-- severity: fail
-- columns: immunizations.cvx_code
SELECT immunization_id AS id, cvx_code
FROM immunizations
WHERE NOT regexp_matches(cvx_code, '^\d{1,3}$')
