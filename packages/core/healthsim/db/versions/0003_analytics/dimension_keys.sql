-- The highest key that each dimension has ever given: keys are never given twice, not even after a deletion.
CREATE TABLE analytics.dimension_keys (
    table_name VARCHAR,  -- the dimension
    last_key BIGINT,     -- the highest key given
    content VARCHAR      -- of a dimension that does not depend on scenarios: checksum of what it was made of
);
