-- Published figures of places (PLACES). Not scoped: reference.
-- kind: published
-- grain: one row per place, measure and release
-- how: Of counties and of the tracts that scenarios name; of each release.
-- columns:
--   geography_key INTEGER: where
--   measure_key INTEGER: what
--   year INTEGER: release year
--   release VARCHAR: release
--   value DOUBLE: crude prevalence, percent of adults
--   value_low DOUBLE: lower limit of its 95 % interval
--   value_high DOUBLE: upper limit
--   age_adjusted_value DOUBLE: age-adjusted prevalence
--   population BIGINT: residents
--   population_18plus BIGINT: adult residents
SELECT
    g.geography_key, m.measure_key, TRY_CAST(substring(p."release", 1, 4) AS INTEGER) AS "year", p."release",
    p.crude_prevalence AS "value", p.crude_low AS value_low, p.crude_high AS value_high,
    p.age_adjusted_prevalence AS age_adjusted_value, p.population, p.population_18plus
FROM published_places AS p
JOIN dim_geography AS g ON g.geoid = p.geoid
JOIN dim_measure AS m ON m.domain = 'population' AND m.measure_id = p.measure
