-- Providers of a scenario in every role: attending, performing, prescribing, billing, primary care.
CREATE TABLE analytics.dim_provider (
    provider_key INTEGER,      -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,      -- the scenario
    provider_id VARCHAR,       -- the provider
    npi VARCHAR,               -- number
    name VARCHAR,              -- person or organisation
    entity_type_code VARCHAR,  -- 1 person, 2 organisation
    credential VARCHAR,        -- MD, DO, NP ...
    specialty VARCHAR,         -- as recorded
    taxonomy_code VARCHAR,     -- NUCC taxonomy
    is_primary_care INTEGER,   -- 1 for family, general, internal medicine, paediatrics, geriatrics and primary care
    is_synthetic INTEGER,      -- 1 when the number is synthetic
    city VARCHAR,              -- practice
    state VARCHAR,             -- practice
    county_fips VARCHAR,       -- practice
    geography_key INTEGER      -- county of practice
);
