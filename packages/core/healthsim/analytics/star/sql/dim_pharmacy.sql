-- Pharmacies.
SELECT
    p.pharmacy_id, p.ncpdp_id, p.npi, p.name, p.pharmacy_type, p.chain_name, p.city, p.state, p.county_fips,
    coalesce(g.geography_key, -1) AS geography_key
FROM pharmacies AS p
LEFT JOIN dim_geography AS g ON g.geoid = p.county_fips
