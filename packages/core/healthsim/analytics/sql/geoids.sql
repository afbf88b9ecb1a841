-- Every county and tract that the scenario names, and the county of each tract.
WITH named AS (
    SELECT county_fips AS geoid FROM persons
    UNION SELECT census_tract FROM persons
    UNION SELECT county_fips FROM patients UNION SELECT census_tract FROM patients
    UNION SELECT county_fips FROM members UNION SELECT census_tract FROM members
    UNION SELECT county_fips FROM rx_members UNION SELECT census_tract FROM rx_members
    UNION SELECT county_fips FROM subjects UNION SELECT census_tract FROM subjects
    UNION SELECT county_fips FROM providers UNION SELECT county_fips FROM facilities
    UNION SELECT county_fips FROM pharmacies UNION SELECT county_fips FROM sites
)
SELECT geoid FROM named WHERE length(geoid) IN (5, 11)
UNION
SELECT substring(geoid, 1, 5) FROM named WHERE length(geoid) = 11
