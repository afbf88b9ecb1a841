-- Sites of trials.
CREATE TABLE analytics.dim_site (
    site_key INTEGER,                -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,            -- the scenario
    study_key INTEGER,               -- the study
    site_id VARCHAR,                 -- the site
    site_number VARCHAR,             -- number
    name VARCHAR,                    -- name
    principal_investigator VARCHAR,  -- who leads it
    status VARCHAR,                  -- status
    city VARCHAR,                    -- place
    state VARCHAR,                   -- place
    county_fips VARCHAR,             -- place
    geography_key INTEGER            -- county
);
