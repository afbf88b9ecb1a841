-- One row per tract of Connecticut, in the coding by counties and the one by planning regions.
SELECT
    lpad(trim(tract_2020), 11, '0') AS tract_fips_2020,
    geoid AS tract_fips_2022,
    {columns}
FROM raw
