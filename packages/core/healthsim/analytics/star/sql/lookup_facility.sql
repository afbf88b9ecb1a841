-- A facility by its id or by its NPI.
-- kind: lookup
SELECT ref, min(facility_key) AS facility_key
FROM (
    SELECT facility_id AS ref, facility_key FROM dim_facility
    UNION ALL
    SELECT f.npi, f.facility_key FROM dim_facility AS f
    WHERE NOT EXISTS (SELECT 1 FROM dim_facility AS o WHERE o.facility_id = f.npi)
) AS refs
WHERE ref IS NOT NULL
GROUP BY ref
