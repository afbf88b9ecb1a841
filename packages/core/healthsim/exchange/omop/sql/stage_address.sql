-- One row per address in use, by the text of all its parts.
WITH address AS (
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM stage_person
    WHERE person_id IS NOT NULL
    UNION ALL
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM facilities
    UNION ALL
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM pharmacies
),
known AS (
    SELECT DISTINCT
        address_of(
        address_line1, address_line2, city, state, postal_code, county, county_fips, country
    ) AS address,
        *
    FROM address
)
SELECT row_number() OVER (ORDER BY address) AS location_id, *
FROM known
WHERE address <> '|||||||'
