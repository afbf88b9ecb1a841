-- Every release of PLACES, one row per place and measure.
-- kind: reference
SELECT
    "release", geoid, measure, crude_prevalence, crude_low, crude_high, age_adjusted_prevalence, population, population_18plus
FROM reference.places
WHERE "level" IN ('county', 'tract')
