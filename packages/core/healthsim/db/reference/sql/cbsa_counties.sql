-- One row per county of a metropolitan or micropolitan area.
SELECT
    geoid AS county_fips,
    {columns}
FROM raw
