-- One row per address; county is the name, location_source_value the FIPS code of the county.
SELECT
    location_id,
    left(address_line1, 50) AS address_1,
    left(address_line2, 50) AS address_2,
    left(city, 50) AS city,
    left(upper(state), 2) AS state,
    left(replace(postal_code, '-', ''), 9) AS zip,
    left(county, 20) AS county,
    left(county_fips, 50) AS location_source_value,
    0 AS country_concept_id,
    left(country, 80) AS country_source_value,
    NULL AS latitude,
    NULL AS longitude
FROM stage_address
