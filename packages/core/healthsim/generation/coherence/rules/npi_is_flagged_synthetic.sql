-- Providers of a generated population are flagged as made up.
-- severity: fail
-- applies: generated
-- columns: providers.npi, providers.is_synthetic
SELECT provider_id AS id, npi, is_synthetic
FROM providers
WHERE npi IS NOT NULL AND is_synthetic IS DISTINCT FROM TRUE
