-- figures of who lives in counties, each from the newest release of SVI that has it; the starter set comes last
SELECT s.geoid, s.variable, s.value
FROM reference.svi AS s
WHERE s.level = 'county' AND s.value IS NOT NULL
    AND s.variable IN (SELECT unnest($variables::VARCHAR[])) AND s.geoid IN (SELECT unnest($counties::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY s.geoid, s.variable ORDER BY s.release = 'starter', s.release DESC) = 1
