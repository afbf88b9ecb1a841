-- One row per facility and pharmacy.
WITH place AS (
    SELECT
        'facility' AS kind, facility_id AS id, coalesce(name, facility_id) AS name, facility_type AS place,
        address_of(
        address_line1, address_line2, city, state, postal_code, county, county_fips, country
    ) AS address
    FROM facilities
    UNION ALL
    SELECT
        'pharmacy', pharmacy_id, coalesce(name, pharmacy_id), 'pharmacy',
        address_of(
        address_line1, address_line2, city, state, postal_code, county, county_fips, country
    )
    FROM pharmacies
)
SELECT row_number() OVER (ORDER BY kind, id) AS care_site_id, *
FROM place
