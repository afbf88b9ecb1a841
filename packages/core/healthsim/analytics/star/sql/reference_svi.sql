-- The newest release of SVI, counties and tracts.
-- kind: reference
SELECT
    geoid, 'county' AS geography_level, name, CAST(e_totpop AS BIGINT) AS population, rpl_themes AS svi_overall,
    rpl_theme1 AS svi_socioeconomic, rpl_theme2 AS svi_household, rpl_theme3 AS svi_minority, rpl_theme4 AS svi_housing,
    "release" AS svi_release
FROM main.ref_svi_county
UNION ALL
SELECT
    geoid, 'tract', name, CAST(e_totpop AS BIGINT), rpl_themes, rpl_theme1, rpl_theme2, rpl_theme3, rpl_theme4, "release"
FROM main.ref_svi_tract
