-- One row per scenario that has been built. Not scoped: it is the scope.
CREATE TABLE analytics.dim_scenario (
    scenario_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    scenario_id UUID,      -- the scenario
    name VARCHAR,          -- its name
    description VARCHAR,   -- what is said about it
    product VARCHAR,       -- the product that it came from
    data_start_date DATE,  -- the first event of any kind
    data_end_date DATE,    -- the last event of any kind: what follows it is not observed (censoring)
    created_at TIMESTAMP,  -- when it was made (UTC)
    updated_at TIMESTAMP   -- when it was last written (UTC)
);
