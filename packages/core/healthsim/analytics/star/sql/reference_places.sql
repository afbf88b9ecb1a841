-- The newest release of PLACES, counties and tracts.
-- kind: reference
SELECT
    geoid, 'county' AS geography_level, name, CAST(population AS BIGINT) AS population,
    CAST(population_18plus AS BIGINT) AS population_18plus, "release" AS places_release
FROM main.ref_places_county
UNION ALL
SELECT geoid, 'tract', name, CAST(population AS BIGINT), CAST(population_18plus AS BIGINT), "release"
FROM main.ref_places_tract
