-- the prevalence of each measure in each county with figures, from the newest release that has it; the starter set comes last
SELECT
    p.geoid, p.measure, p.crude_prevalence / 100.0 AS prevalence, p.population, p.population_18plus, p.release
FROM reference.places AS p
WHERE p.level = 'county' AND p.crude_prevalence IS NOT NULL AND p.geoid IN (SELECT unnest($counties::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY p.geoid, p.measure ORDER BY p.release = 'starter', p.release DESC) = 1
ORDER BY p.geoid, p.measure
