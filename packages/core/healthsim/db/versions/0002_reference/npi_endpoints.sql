-- Electronic endpoints of a provider (endpoint_pfile).
CREATE TABLE reference.npi_endpoints (
    release VARCHAR,
    npi VARCHAR,
    endpoint_type VARCHAR,
    endpoint VARCHAR,
    affiliation VARCHAR,
    endpoint_description VARCHAR,
    affiliation_name VARCHAR,
    use_description VARCHAR,
    content_description VARCHAR,
    address_1 VARCHAR,
    city VARCHAR,
    state VARCHAR,
    country VARCHAR,
    postal_code VARCHAR
);
