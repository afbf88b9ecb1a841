-- What is known of a code apart from statistics: its state, and of a county its name and metropolitan area.
SELECT
    (SELECT state_abbr FROM reference.states WHERE state_fips = left(code, 2)),
    (SELECT max_by(county_name, "release") FROM reference.county_lists WHERE county_fips = code),
    (SELECT max_by(cbsa_code, "release") FROM reference.cbsa_counties WHERE county_fips = code),
    (SELECT max_by(cbsa_title, "release") FROM reference.cbsa_counties WHERE county_fips = code)
FROM (SELECT ? AS code)
