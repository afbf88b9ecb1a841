-- Keys that were given, of rows that the star does not have at the moment: it was taken away to be made anew, and whoever comes
-- back gets the same key.
CREATE TABLE analytics.carried_keys (
    table_name VARCHAR,    -- the dimension
    scenario_key INTEGER,  -- the scenario; NULL for a dimension that scenarios share
    natural_key VARCHAR[], -- what identifies the row, in the order of its columns
    row_key BIGINT         -- its key
);
