-- The files of the old implementation that were migrated, so that a second run changes nothing.
CREATE TABLE migrated_files (
    sha256 VARCHAR,
    path VARCHAR,
    scenario_id UUID,
    migrated_at TIMESTAMP
);
