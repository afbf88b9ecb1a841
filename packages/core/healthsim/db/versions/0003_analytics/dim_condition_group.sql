-- Conditions as PLACES measures them, by groups of ICD-10-CM codes. Shared, fixed.
CREATE TABLE analytics.dim_condition_group (
    condition_group_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    condition_group VARCHAR,      -- DIABETES, BPHIGH ...: the PLACES measure of the same name, where there is one
    name VARCHAR,                 -- Diagnosed diabetes ...
    codes VARCHAR,                -- the codes, as text
    measure_key INTEGER,          -- the PLACES measure in dim_measure; -2 when there is none
    places_adults_only INTEGER    -- 1 when PLACES counts adults only
);
