-- Further practice locations of a provider (pl_pfile).
CREATE TABLE reference.npi_practice_locations (
    release VARCHAR,
    npi VARCHAR,
    address_1 VARCHAR,
    address_2 VARCHAR,
    city VARCHAR,
    state VARCHAR,
    postal_code VARCHAR,
    country VARCHAR,
    phone VARCHAR,
    fax VARCHAR
);
