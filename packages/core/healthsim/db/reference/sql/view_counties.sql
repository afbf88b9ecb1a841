-- Counties of every list, with the metropolitan area of the newest delineation; without a list, those of the delineation.
CREATE OR REPLACE VIEW reference.counties AS
WITH area AS (
    SELECT * FROM reference.cbsa_counties WHERE "release" = (SELECT max("release") FROM reference.cbsa_counties)
), listed AS (
    SELECT "release" AS vintage, county_fips, county_name FROM reference.county_lists
    UNION ALL
    SELECT CASE WHEN "release" >= '2023' THEN '2022' WHEN "release" >= '2020' THEN '2020' ELSE '2010' END,
        county_fips, county_name
    FROM area WHERE NOT EXISTS (SELECT 1 FROM reference.county_lists)
)
SELECT vintage, listed.county_fips, listed.county_name, state_fips, state_abbr, cbsa_code, cbsa_title
FROM listed
LEFT JOIN reference.states ON state_fips = left(listed.county_fips, 2)
LEFT JOIN area ON area.county_fips = listed.county_fips
