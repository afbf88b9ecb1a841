SELECT
    {release}, CASE WHEN geoid = 'US' THEN 'nation' ELSE {level} END, geoid, e.measure,
    e.crude_prevalence, e.crude_low, e.crude_high, e.age_adjusted_prevalence, e.age_adjusted_low, e.age_adjusted_high,
    population, population_18plus
FROM (
    SELECT geoid, population, population_18plus, absent, unnest([
        {values}
    ]) AS e
    FROM {table}
)
WHERE absent IS NULL OR NOT list_contains(absent, e.measure)
