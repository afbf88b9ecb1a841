-- The starter set as a load of SVI: population and percentile ranks of the 2022 release.
SELECT
    county_fips AS geoid,
    county_name AS name,
    E_TOTPOP AS "E_TOTPOP",
    RPL_THEME1 AS "RPL_THEME1",
    RPL_THEME2 AS "RPL_THEME2",
    RPL_THEME3 AS "RPL_THEME3",
    RPL_THEME4 AS "RPL_THEME4",
    RPL_THEMES AS "RPL_THEMES"
FROM starter_raw
