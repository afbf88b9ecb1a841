-- A provider by its id or by its NPI.
-- kind: lookup
SELECT ref, min(provider_key) AS provider_key
FROM (
    SELECT provider_id AS ref, provider_key FROM dim_provider
    UNION ALL
    SELECT p.npi, p.provider_key FROM dim_provider AS p
    WHERE NOT EXISTS (SELECT 1 FROM dim_provider AS o WHERE o.provider_id = p.npi)
) AS refs
WHERE ref IS NOT NULL
GROUP BY ref
