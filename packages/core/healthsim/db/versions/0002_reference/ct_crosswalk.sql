-- Connecticut's tracts in both codings: counties (until 2021) and planning regions (from 2022).
CREATE TABLE reference.ct_crosswalk (
    release VARCHAR,
    tract_fips_2020 VARCHAR,
    tract_fips_2022 VARCHAR,
    town_name VARCHAR,
    county_name VARCHAR,
    county_fips_2020 VARCHAR,
    region_name VARCHAR,
    region_fips_2022 VARCHAR,
    zcta VARCHAR
);
