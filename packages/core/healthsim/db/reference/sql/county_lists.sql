-- One row per county of a list; the territories and notes of some lists are left as they are.
SELECT geoid AS county_fips, trim(name) AS county_name FROM raw
