-- What is known of a code apart from statistics: its state, and of a county its name and metropolitan area.
SELECT state_abbr, county_name, cbsa_code, cbsa_title
FROM (SELECT max(state_abbr) AS state_abbr FROM reference.states WHERE state_fips = left($1, 2)),
    (SELECT max_by(county_name, "release") AS county_name FROM reference.county_lists WHERE county_fips = $1),
    (SELECT max_by(cbsa_code, "release") AS cbsa_code, max_by(cbsa_title, "release") AS cbsa_title
    FROM reference.cbsa_counties WHERE county_fips = $1)
