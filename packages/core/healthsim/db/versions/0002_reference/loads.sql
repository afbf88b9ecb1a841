-- One row per load: which file, of which dataset, level and release. rows are the records read from the file,
-- stored_rows what they became; members is how many loads the same file gave.
CREATE TABLE reference.loads (
    dataset VARCHAR,
    level VARCHAR,
    release VARCHAR,
    vintage VARCHAR,
    file VARCHAR,
    sha256 VARCHAR,
    rows BIGINT,
    loaded_at TIMESTAMP,
    stored_rows BIGINT,
    members INTEGER,
    url VARCHAR,
    filters VARCHAR,
    variables VARCHAR[]
);
