-- Pharmacies of a scenario.
-- kind: scoped
-- natural key: pharmacy_id
-- rows: pharmacies.pharmacy_id
-- columns:
--   pharmacy_id VARCHAR: the pharmacy
--   ncpdp_id VARCHAR: NCPDP number
--   npi VARCHAR: number
--   name VARCHAR: name
--   pharmacy_type VARCHAR: retail, mail, specialty ...
--   chain_name VARCHAR: chain
--   city VARCHAR: place
--   state VARCHAR: place
--   county_fips VARCHAR: place
--   geography_key INTEGER: county
SELECT
    p.pharmacy_id, p.ncpdp_id, p.npi, p.name, p.pharmacy_type, p.chain_name, p.city, p.state, p.county_fips,
    coalesce(g.geography_key, -1) AS geography_key
FROM pharmacies AS p
LEFT JOIN dim_geography AS g ON g.geoid = p.county_fips
