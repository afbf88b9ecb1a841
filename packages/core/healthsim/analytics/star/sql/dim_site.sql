-- Sites of trials.
-- kind: scoped
-- natural key: site_id
-- rows: sites.site_id
-- columns:
--   study_key INTEGER: the study
--   site_id VARCHAR: the site
--   site_number VARCHAR: number
--   name VARCHAR: name
--   principal_investigator VARCHAR: who leads it
--   status VARCHAR: status
--   city VARCHAR: place
--   state VARCHAR: place
--   county_fips VARCHAR: place
--   geography_key INTEGER: county
SELECT
    coalesce(s.study_key, -1) AS study_key, i.site_id, i.site_number, i.name, i.principal_investigator, i.status,
    i.city, i.state, i.county_fips, coalesce(g.geography_key, -1) AS geography_key
FROM sites AS i
LEFT JOIN dim_study AS s ON s.study_id = i.study_id
LEFT JOIN dim_geography AS g ON g.geoid = i.county_fips
