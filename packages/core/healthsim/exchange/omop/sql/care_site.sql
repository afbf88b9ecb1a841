-- One row per facility and pharmacy.
SELECT
    s.care_site_id,
    left(s.name, 255) AS care_site_name,
    coalesce(w.concept_id, 0) AS place_of_service_concept_id,
    a.location_id,
    left(s.id, 50) AS care_site_source_value,
    left(s.place, 50) AS place_of_service_source_value
FROM stage_care_site AS s
LEFT JOIN stage_address AS a ON a.address = s.address
LEFT JOIN stage_word AS w ON w.kind = 'place' AND w.word = lower(trim(s.place))
