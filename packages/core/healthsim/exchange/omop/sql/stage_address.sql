-- One row per address in use, by the text of all its parts.
WITH address AS (
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM stage_person
    WHERE person_id IS NOT NULL
    UNION ALL
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM main.facilities
    WHERE scenario_id = $scenario
    UNION ALL
    SELECT address_line1, address_line2, city, state, postal_code, county, county_fips, country
    FROM main.pharmacies
    WHERE scenario_id = $scenario
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
