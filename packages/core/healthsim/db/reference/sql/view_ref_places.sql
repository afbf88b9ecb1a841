-- The newest release of PLACES at this level, one row per place and one column per estimate.
CREATE OR REPLACE VIEW ref_places_{level} AS
SELECT
    geoid,
    {tract}left(geoid, 5) AS county_fips,
    name,
    state_abbr,
    {release} AS "release",
    {columns}
FROM {table} AS loaded
LEFT JOIN reference.states ON state_fips = left(geoid, 2)
WHERE geoid <> 'US'
