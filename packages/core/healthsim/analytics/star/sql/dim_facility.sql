-- Hospitals, clinics and other places of care of a scenario.
-- kind: scoped
-- natural key: facility_id
-- rows: facilities.facility_id
-- columns:
--   facility_id VARCHAR: the facility
--   npi VARCHAR: number
--   ccn VARCHAR: CMS certification number
--   name VARCHAR: name
--   facility_type VARCHAR: as recorded
--   bed_count INTEGER: beds
--   bed_size VARCHAR: no beds, under 100, 100-299, 300-499, 500+
--   city VARCHAR: place
--   state VARCHAR: place
--   county_fips VARCHAR: place
--   geography_key INTEGER: county
SELECT
    f.facility_id, f.npi, f.ccn, f.name, f.facility_type, f.bed_count,
    CASE
        WHEN f.bed_count IS NULL OR f.bed_count = 0 THEN 'no beds'
        WHEN f.bed_count < 100 THEN 'under 100'
        WHEN f.bed_count < 300 THEN '100-299'
        WHEN f.bed_count < 500 THEN '300-499'
        ELSE '500+'
    END AS bed_size,
    f.city, f.state, f.county_fips, coalesce(g.geography_key, -1) AS geography_key
FROM facilities AS f
LEFT JOIN dim_geography AS g ON g.geoid = f.county_fips
