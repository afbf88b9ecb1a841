-- Pharmacies of a scenario.
CREATE TABLE analytics.dim_pharmacy (
    pharmacy_key INTEGER,   -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,   -- the scenario
    pharmacy_id VARCHAR,    -- the pharmacy
    ncpdp_id VARCHAR,       -- NCPDP number
    npi VARCHAR,            -- number
    name VARCHAR,           -- name
    pharmacy_type VARCHAR,  -- retail, mail, specialty ...
    chain_name VARCHAR,     -- chain
    city VARCHAR,           -- place
    state VARCHAR,          -- place
    county_fips VARCHAR,    -- place
    geography_key INTEGER   -- county
);
