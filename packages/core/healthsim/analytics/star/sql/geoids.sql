-- Every county and tract that the scenario names, and the county that each longer code begins with.
-- kind: places named
WITH named AS (
    SELECT county_fips AS geoid FROM persons
    UNION ALL SELECT census_tract FROM persons
    UNION ALL SELECT county_fips FROM patients UNION ALL SELECT census_tract FROM patients
    UNION ALL SELECT county_fips FROM members UNION ALL SELECT census_tract FROM members
    UNION ALL SELECT county_fips FROM rx_members UNION ALL SELECT census_tract FROM rx_members
    UNION ALL SELECT county_fips FROM subjects UNION ALL SELECT census_tract FROM subjects
    UNION ALL SELECT county_fips FROM providers UNION ALL SELECT county_fips FROM facilities
    UNION ALL SELECT county_fips FROM pharmacies UNION ALL SELECT county_fips FROM sites
), place AS (
    SELECT DISTINCT geoid FROM named WHERE length(geoid) >= 5
)
SELECT geoid FROM place WHERE length(geoid) IN (5, 11)
UNION
SELECT substring(geoid, 1, 5) FROM place
