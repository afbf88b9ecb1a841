-- Counties and census tracts, with what the newest reference data says about them. Shared by all scenarios.
-- kind: place
-- natural key: geoid
-- how: Every county of the reference data, and every county and tract that a scenario names.
-- columns:
--   geoid VARCHAR: 5 digits (county) or 11 (tract)
--   geography_level VARCHAR: county or tract
--   name VARCHAR: name of the place
--   county_fips VARCHAR: 5 digits
--   county_name VARCHAR: name of the county
--   state_fips VARCHAR: 2 digits
--   state_abbr VARCHAR: two letters
--   state_name VARCHAR: name of the state
--   cbsa_code VARCHAR: metropolitan or micropolitan area of the county
--   cbsa_title VARCHAR: its name
--   is_rural INTEGER: 1 when the county is in no metropolitan area, 0 when in one, NULL when no list is loaded
--   population BIGINT: residents
--   population_18plus BIGINT: adult residents
--   svi_overall DOUBLE: Social Vulnerability Index, percentile rank 0 to 1
--   svi_socioeconomic DOUBLE: theme 1
--   svi_household DOUBLE: theme 2
--   svi_minority DOUBLE: theme 3
--   svi_housing DOUBLE: theme 4
--   svi_quartile INTEGER: 1 least to 4 most vulnerable, of svi_overall
--   svi_socioeconomic_quartile INTEGER: of theme 1
--   svi_household_quartile INTEGER: of theme 2
--   svi_minority_quartile INTEGER: of theme 3
--   svi_housing_quartile INTEGER: of theme 4
--   adi_national_rank DOUBLE: Area Deprivation Index: mean of the national ranks (1 to 100) of its block groups
--   adi_quintile INTEGER: 1 least to 5 most deprived, of adi_national_rank
--   svi_release VARCHAR: release of SVI that was used
--   places_release VARCHAR: release of PLACES that was used
--   vintage VARCHAR: year of the boundaries (the coding of tracts and of Connecticut's counties)
WITH place AS (
    SELECT geoid FROM geoids
    UNION SELECT geoid FROM reference_svi WHERE geography_level = 'county'
    UNION SELECT geoid FROM reference_places WHERE geography_level = 'county'
), deprived AS (
    SELECT geoid, avg(national_rank) AS adi_national_rank
    FROM (
        SELECT county_fips AS geoid, national_rank FROM reference_adi
        UNION ALL SELECT tract_fips, national_rank FROM reference_adi
    ) AS block
    WHERE national_rank IS NOT NULL
    GROUP BY geoid
)
SELECT
    p.geoid, CASE WHEN length(p.geoid) = 5 THEN 'county' ELSE 'tract' END AS geography_level,
    coalesce(v.name, a.name, c.county_name) AS name,
    substring(p.geoid, 1, 5) AS county_fips, coalesce(c.county_name, w.name, b.name) AS county_name,
    s.state_fips, s.state_abbr, s.state_name,
    c.cbsa_code, c.cbsa_title, c.is_rural,
    coalesce(a.population, v.population) AS population, a.population_18plus,
    v.svi_overall, v.svi_socioeconomic, v.svi_household, v.svi_minority, v.svi_housing,
    CASE
        WHEN v.svi_overall IS NULL THEN NULL
        WHEN v.svi_overall < 0.25 THEN 1 WHEN v.svi_overall < 0.5 THEN 2 WHEN v.svi_overall < 0.75 THEN 3
        ELSE 4
    END AS svi_quartile,
    CASE
        WHEN v.svi_socioeconomic IS NULL THEN NULL
        WHEN v.svi_socioeconomic < 0.25 THEN 1 WHEN v.svi_socioeconomic < 0.5 THEN 2 WHEN v.svi_socioeconomic < 0.75 THEN 3
        ELSE 4
    END AS svi_socioeconomic_quartile,
    CASE
        WHEN v.svi_household IS NULL THEN NULL
        WHEN v.svi_household < 0.25 THEN 1 WHEN v.svi_household < 0.5 THEN 2 WHEN v.svi_household < 0.75 THEN 3
        ELSE 4
    END AS svi_household_quartile,
    CASE
        WHEN v.svi_minority IS NULL THEN NULL
        WHEN v.svi_minority < 0.25 THEN 1 WHEN v.svi_minority < 0.5 THEN 2 WHEN v.svi_minority < 0.75 THEN 3
        ELSE 4
    END AS svi_minority_quartile,
    CASE
        WHEN v.svi_housing IS NULL THEN NULL
        WHEN v.svi_housing < 0.25 THEN 1 WHEN v.svi_housing < 0.5 THEN 2 WHEN v.svi_housing < 0.75 THEN 3
        ELSE 4
    END AS svi_housing_quartile,
    d.adi_national_rank,
    CASE
        WHEN d.adi_national_rank IS NULL THEN NULL
        WHEN d.adi_national_rank <= 20 THEN 1 WHEN d.adi_national_rank <= 40 THEN 2 WHEN d.adi_national_rank <= 60 THEN 3 WHEN d.adi_national_rank <= 80 THEN 4
        ELSE 5
    END AS adi_quintile,
    v.svi_release, a.places_release, coalesce(c.vintage, v.svi_release) AS vintage
FROM place AS p
LEFT JOIN reference_svi AS v ON v.geoid = p.geoid
LEFT JOIN reference_places AS a ON a.geoid = p.geoid
LEFT JOIN deprived AS d ON d.geoid = p.geoid
LEFT JOIN reference_counties AS c ON c.county_fips = substring(p.geoid, 1, 5)
LEFT JOIN reference_svi AS w ON w.geoid = substring(p.geoid, 1, 5)
LEFT JOIN reference_places AS b ON b.geoid = substring(p.geoid, 1, 5)
LEFT JOIN reference_states AS s ON s.state_fips = substring(p.geoid, 1, 2)
