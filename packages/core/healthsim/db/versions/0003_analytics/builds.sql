-- What the star of each scenario was built from, and when. A scenario whose sources no longer have this fingerprint is
-- stale.
CREATE TABLE analytics.builds (
    scenario_id UUID,      -- the scenario
    scenario_key INTEGER,  -- its key in the star
    built_at TIMESTAMP,    -- when the build was committed (UTC)
    mode VARCHAR,          -- full or incremental
    seconds DOUBLE,        -- how long it took
    star_version VARCHAR,  -- checksum of the star's own statements and data
    fingerprint JSON,      -- {source table: {instant of the save: rows}}: any save changes it
    tables JSON            -- {star table: {"rows": n, "unknown": {key column: n}}}
);
