-- Other names of organisations (othername_pfile).
CREATE TABLE reference.npi_other_names (
    release VARCHAR,
    npi VARCHAR,
    other_name VARCHAR,
    name_type VARCHAR
);
