-- Counties as the Census Bureau lists them, by the year of the list.
CREATE TABLE reference.county_lists (
    release VARCHAR,
    county_fips VARCHAR,
    county_name VARCHAR
);
