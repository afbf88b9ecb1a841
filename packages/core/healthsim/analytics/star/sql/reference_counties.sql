-- Counties of the newest list, and whether they lie in a metropolitan area.
-- kind: reference
WITH listed AS (
    SELECT max("release") AS newest FROM reference.cbsa_counties
), metropolitan AS (
    SELECT DISTINCT county_fips
    FROM reference.cbsa_counties
    WHERE "release" = (SELECT newest FROM listed) AND lower(cbsa_type) LIKE 'metro%'
)
SELECT
    c.county_fips, c.county_name, c.vintage, c.cbsa_code, c.cbsa_title,
    CASE WHEN n.newest IS NULL THEN NULL WHEN m.county_fips IS NULL THEN 1 ELSE 0 END AS is_rural
FROM reference.counties AS c
CROSS JOIN listed AS n
LEFT JOIN metropolitan AS m ON m.county_fips = c.county_fips
WHERE c.vintage = (SELECT max(vintage) FROM reference.counties)
