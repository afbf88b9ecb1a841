-- Counties of metropolitan and micropolitan areas, by delineation.
CREATE TABLE reference.cbsa_counties (
    release VARCHAR,
    county_fips VARCHAR,
    county_name VARCHAR,
    cbsa_code VARCHAR,
    cbsa_title VARCHAR,
    cbsa_type VARCHAR,
    csa_code VARCHAR,
    csa_title VARCHAR,
    central_outlying VARCHAR
);
