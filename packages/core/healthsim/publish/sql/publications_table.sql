-- one row per publication: what was published as which version, by whom, and what it held
CREATE TABLE IF NOT EXISTS sharing.publications (
    publication_id VARCHAR,
    name VARCHAR,
    version INTEGER,
    published_id VARCHAR,
    published_at TIMESTAMP,
    published_by VARCHAR,
    note VARCHAR,
    program VARCHAR,
    schema_version INTEGER,
    engine VARCHAR,
    persons BIGINT,
    entity_count BIGINT,
    row_count BIGINT,
    has_star BOOLEAN,
    contents VARCHAR,
    reference_data VARCHAR,
    withdrawn_at TIMESTAMP,
    withdrawn_by VARCHAR
)
