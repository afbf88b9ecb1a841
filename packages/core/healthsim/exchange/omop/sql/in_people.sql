-- one row per person: the columns of a patient, and the row of the CDM
SELECT
    k.patient_id,
    coalesce(
        p.birth_datetime::DATE,
        TRY_CAST(concat_ws('-', p.year_of_birth, coalesce(p.month_of_birth, 1), coalesce(p.day_of_birth, 1)) AS DATE)
    ) AS birth_date,
    CASE p.gender_concept_id WHEN 8507 THEN 'M' WHEN 8532 THEN 'F' WHEN 8521 THEN 'O' ELSE p.gender_source_value END AS gender,
    coalesce(p.race_source_value, r.concept_name) AS race,
    coalesce(p.ethnicity_source_value, e.concept_name) AS ethnicity,
    l.address_1 AS address_line1, l.address_2 AS address_line2, l.city, l.state, l.zip AS postal_code, l.county,
    CASE WHEN regexp_full_match(l.location_source_value, '[0-9]{5}') THEN l.location_source_value END AS county_fips,
    l.country_source_value AS country, v.provider_id AS primary_care_provider_id,
    d.death_date, CASE WHEN d.person_id IS NOT NULL THEN TRUE END AS deceased, p.doc
FROM cdm.person AS p
JOIN key_person AS k ON k.number = p.person_id
LEFT JOIN cdm.location AS l ON l.location_id = p.location_id
LEFT JOIN key_provider AS v ON v.number = p.provider_id
LEFT JOIN cdm.concept AS r ON r.concept_id = p.race_concept_id AND r.concept_id <> 0
LEFT JOIN cdm.concept AS e ON e.concept_id = p.ethnicity_concept_id AND e.concept_id <> 0
LEFT JOIN (
    SELECT person_id, min(coalesce(death_date, death_datetime::DATE)) AS death_date
    FROM cdm.death
    GROUP BY person_id
) AS d ON d.person_id = p.person_id
