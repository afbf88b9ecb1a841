-- the prevalence of each measure in the nation: the mean of all counties of the starter set, weighted by their people
SELECT measure, sum(crude_prevalence * population) / sum(population) / 100.0 AS prevalence
FROM reference.places
WHERE "level" = 'county' AND "release" = 'starter' AND crude_prevalence IS NOT NULL AND population IS NOT NULL
GROUP BY measure
ORDER BY measure
