-- Places of care.
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
