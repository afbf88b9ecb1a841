-- one row per care site
SELECT
    k.facility_id, s.care_site_name AS name, coalesce(s.place_of_service_source_value, c.concept_name) AS facility_type,
    l.address_1 AS address_line1, l.address_2 AS address_line2, l.city, l.state, l.zip AS postal_code, l.county,
    CASE WHEN regexp_full_match(l.location_source_value, '[0-9]{5}') THEN l.location_source_value END AS county_fips,
    l.country_source_value AS country, s.doc
FROM cdm.care_site AS s
JOIN key_care_site AS k ON k.number = s.care_site_id
LEFT JOIN cdm.location AS l ON l.location_id = s.location_id
LEFT JOIN cdm.concept AS c ON c.concept_id = s.place_of_service_concept_id AND c.concept_id <> 0
