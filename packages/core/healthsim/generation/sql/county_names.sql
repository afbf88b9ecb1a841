-- names of counties and their states, by code
SELECT c.geoid, n.county_name, s.state_abbr
FROM (SELECT unnest($counties::VARCHAR[]) AS geoid) AS c
JOIN reference.states AS s ON s.state_fips = left(c.geoid, 2)
LEFT JOIN (
    SELECT county_fips, any_value(county_name) AS county_name FROM reference.counties GROUP BY county_fips
) AS n ON n.county_fips = c.geoid
