-- the share of people under 18 and from 65 on, where an SVI release says so
SELECT s.geoid, s.variable, s.value / 100.0 AS share
FROM reference.svi AS s
WHERE s.level = 'county' AND s.variable IN ('EP_AGE17', 'EP_AGE65') AND s.value IS NOT NULL
    AND s.geoid IN (SELECT unnest($counties::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY s.geoid, s.variable ORDER BY s.release = 'starter', s.release DESC) = 1
