-- The counties of a state together: counts, populations, and of each measure the weighted mean, the lowest, the highest.
SELECT count(*), sum(population), sum(population_18plus){values} -- noqa: AL02, LT01
FROM (
    SELECT *, coalesce(population_18plus, population) AS weight
    FROM {table}
    WHERE left(geoid, 2) = ?
)
