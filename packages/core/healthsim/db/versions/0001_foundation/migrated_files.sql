-- The files of the old implementation that were migrated, so that a second run changes nothing.
-- became is the scenario that a file became; the row outlives it, so that what was deleted does not come back.
CREATE TABLE migrated_files (
    sha256 VARCHAR,
    path VARCHAR,
    became UUID,
    migrated_at TIMESTAMP
);
