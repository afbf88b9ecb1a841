-- One row per human: what the roles say of them; patients are asked first, then persons, members, pharmacy members, subjects.
WITH role AS (
    SELECT
        i.human,
        1 AS priority,
        t.patient_id AS source_value,
        t.primary_care_provider_id AS provider,
        t.birth_date,
        t.gender,
        t.race,
        t.ethnicity,
        t.address_line1,
        t.address_line2,
        t.city,
        t.state,
        t.postal_code,
        t.county,
        t.county_fips,
        t.country,
        t.death_date
    FROM patients AS t
    JOIN stage_identity AS i ON i.role = 'patient' AND i.id = t.patient_id
    UNION ALL
    SELECT
        i.human,
        2 AS priority,
        t.person_id AS source_value,
        NULL AS provider,
        t.birth_date,
        t.gender,
        t.race,
        t.ethnicity,
        t.address_line1,
        t.address_line2,
        t.city,
        t.state,
        t.postal_code,
        t.county,
        t.county_fips,
        t.country,
        t.death_date
    FROM persons AS t
    JOIN stage_identity AS i ON i.role = 'person' AND i.id = t.person_id
    UNION ALL
    SELECT
        i.human,
        3 AS priority,
        t.member_id AS source_value,
        t.pcp_provider_id AS provider,
        t.birth_date,
        t.gender,
        t.race,
        t.ethnicity,
        t.address_line1,
        t.address_line2,
        t.city,
        t.state,
        t.postal_code,
        t.county,
        t.county_fips,
        t.country,
        t.death_date
    FROM members AS t
    JOIN stage_identity AS i ON i.role = 'member' AND i.id = t.member_id
    UNION ALL
    SELECT
        i.human,
        4 AS priority,
        t.rx_member_id AS source_value,
        NULL AS provider,
        t.birth_date,
        t.gender,
        t.race,
        t.ethnicity,
        t.address_line1,
        t.address_line2,
        t.city,
        t.state,
        t.postal_code,
        t.county,
        t.county_fips,
        t.country,
        t.death_date
    FROM rx_members AS t
    JOIN stage_identity AS i ON i.role = 'rx_member' AND i.id = t.rx_member_id
    UNION ALL
    SELECT
        i.human,
        5 AS priority,
        t.subject_id AS source_value,
        NULL AS provider,
        t.birth_date,
        t.gender,
        t.race,
        t.ethnicity,
        t.address_line1,
        t.address_line2,
        t.city,
        t.state,
        t.postal_code,
        t.county,
        t.county_fips,
        t.country,
        t.death_date
    FROM subjects AS t
    JOIN stage_identity AS i ON i.role = 'subject' AND i.id = t.subject_id
),
human AS (
    SELECT
        human,
        arg_min(source_value, priority) AS source_value,
        arg_min(provider, priority) AS provider,
        arg_min(birth_date, priority) AS birth_date,
        arg_min(gender, priority) AS gender,
        arg_min(race, priority) AS race,
        arg_min(ethnicity, priority) AS ethnicity,
        arg_min(address_line1, priority) AS address_line1,
        arg_min(address_line2, priority) AS address_line2,
        arg_min(city, priority) AS city,
        arg_min(state, priority) AS state,
        arg_min(postal_code, priority) AS postal_code,
        arg_min(county, priority) AS county,
        arg_min(county_fips, priority) AS county_fips,
        arg_min(country, priority) AS country,
        arg_min(death_date, priority) AS death_date
    FROM role
    GROUP BY human
)
SELECT
    CASE WHEN birth_date IS NULL THEN NULL ELSE row_number() OVER (ORDER BY birth_date IS NULL, human) END AS person_id,
    *
FROM human
