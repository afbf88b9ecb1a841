-- The taxonomy codes of a provider, one row per filled slot; the primary one is flagged and need not be slot 1.
CREATE TABLE reference.npi_taxonomies (
    release VARCHAR,
    npi VARCHAR,
    slot SMALLINT,
    taxonomy_code VARCHAR,
    license_number VARCHAR,
    license_state VARCHAR,
    is_primary BOOLEAN,
    taxonomy_group VARCHAR
);
