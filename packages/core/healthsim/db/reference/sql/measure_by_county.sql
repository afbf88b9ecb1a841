-- One measure of PLACES in every county of a release, or of one state, with the name of the county.
WITH named AS (
    SELECT county_fips, arg_max(county_name, vintage) AS county_name, any_value(state_abbr) AS state_abbr
    FROM reference.counties
    GROUP BY county_fips
)
SELECT p.geoid, n.county_name, n.state_abbr, p.crude_prevalence, p.crude_low, p.crude_high, p.population
FROM reference.places AS p
LEFT JOIN named AS n ON n.county_fips = p.geoid
WHERE p."level" = 'county' AND p."release" = $release AND p.measure = $measure AND p.crude_prevalence IS NOT NULL
    AND ($state IS NULL OR starts_with(p.geoid, $state))
ORDER BY p.geoid
