-- Hospitals, clinics and other places of care of a scenario.
CREATE TABLE analytics.dim_facility (
    facility_key INTEGER,   -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,   -- the scenario
    facility_id VARCHAR,    -- the facility
    npi VARCHAR,            -- number
    ccn VARCHAR,            -- CMS certification number
    name VARCHAR,           -- name
    facility_type VARCHAR,  -- as recorded
    bed_count INTEGER,      -- beds
    bed_size VARCHAR,       -- no beds, under 100, 100-299, 300-499, 500+
    city VARCHAR,           -- place
    state VARCHAR,          -- place
    county_fips VARCHAR,    -- place
    geography_key INTEGER   -- county
);
