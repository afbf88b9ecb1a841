-- One row per place of SVI with the published columns as numbers; -999 is a missing value in any of them.
SELECT
    geoid,
    {name} AS name,
    {values}
FROM records
