-- Counties and census tracts, with what the newest reference data says about them. Shared by all scenarios.
CREATE TABLE analytics.dim_geography (
    geography_key INTEGER,               -- surrogate key; -1 unknown, -2 not applicable
    geoid VARCHAR,                       -- 5 digits (county) or 11 (tract)
    geography_level VARCHAR,             -- county or tract
    name VARCHAR,                        -- name of the place
    county_fips VARCHAR,                 -- 5 digits
    county_name VARCHAR,                 -- name of the county
    state_fips VARCHAR,                  -- 2 digits
    state_abbr VARCHAR,                  -- two letters
    state_name VARCHAR,                  -- name of the state
    cbsa_code VARCHAR,                   -- metropolitan or micropolitan area of the county
    cbsa_title VARCHAR,                  -- its name
    is_rural INTEGER,                    -- 1 when the county is in no metropolitan area, 0 when in one, NULL when no list is loaded
    population BIGINT,                   -- residents
    population_18plus BIGINT,            -- adult residents
    svi_overall DOUBLE,                  -- Social Vulnerability Index, percentile rank 0 to 1
    svi_socioeconomic DOUBLE,            -- theme 1
    svi_household DOUBLE,                -- theme 2
    svi_minority DOUBLE,                 -- theme 3
    svi_housing DOUBLE,                  -- theme 4
    svi_quartile INTEGER,                -- 1 least to 4 most vulnerable, of svi_overall
    svi_socioeconomic_quartile INTEGER,  -- of theme 1
    svi_household_quartile INTEGER,      -- of theme 2
    svi_minority_quartile INTEGER,       -- of theme 3
    svi_housing_quartile INTEGER,        -- of theme 4
    adi_national_rank DOUBLE,            -- Area Deprivation Index: mean of the national ranks (1 to 100) of its block groups
    adi_quintile INTEGER,                -- 1 least to 5 most deprived, of adi_national_rank
    svi_release VARCHAR,                 -- release of SVI that was used
    places_release VARCHAR,              -- release of PLACES that was used
    vintage VARCHAR                      -- year of the boundaries (the coding of tracts and of Connecticut's counties)
);
