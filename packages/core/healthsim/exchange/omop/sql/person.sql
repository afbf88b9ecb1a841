-- One row per human with a date of birth.
SELECT
    p.person_id,
    coalesce(g.concept_id, 0) AS gender_concept_id,
    year(p.birth_date) AS year_of_birth,
    month(p.birth_date) AS month_of_birth,
    day(p.birth_date) AS day_of_birth,
    CAST(p.birth_date AS TIMESTAMP) AS birth_datetime,
    coalesce(r.concept_id, 0) AS race_concept_id,
    coalesce(e.concept_id, 0) AS ethnicity_concept_id,
    a.location_id,
    v.provider_no AS provider_id,
    NULL AS care_site_id,
    left(p.source_value, 50) AS person_source_value,
    left(p.gender, 50) AS gender_source_value,
    0 AS gender_source_concept_id,
    left(p.race, 50) AS race_source_value,
    0 AS race_source_concept_id,
    left(p.ethnicity, 50) AS ethnicity_source_value,
    0 AS ethnicity_source_concept_id
FROM stage_person AS p
LEFT JOIN stage_word AS g ON g.kind = 'gender' AND g.word = lower(p.gender)
LEFT JOIN stage_word AS r ON r.kind = 'race' AND r.word = lower(trim(p.race))
LEFT JOIN stage_word AS e ON e.kind = 'ethnicity' AND e.word = lower(trim(p.ethnicity))
LEFT JOIN stage_provider AS v ON v.provider_id = p.provider
LEFT JOIN stage_address AS a ON a.address = address_of(
        p.address_line1, p.address_line2, p.city, p.state, p.postal_code, p.county, p.county_fips, p.country
    )
WHERE p.person_id IS NOT NULL
