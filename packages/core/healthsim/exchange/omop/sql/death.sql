-- One row per person who has died.
SELECT
    person_id,
    death_date,
    CAST(death_date AS TIMESTAMP) AS death_datetime,
    32817 AS death_type_concept_id,
    NULL AS cause_concept_id,
    NULL AS cause_source_value,
    NULL AS cause_source_concept_id
FROM stage_person
WHERE person_id IS NOT NULL AND death_date IS NOT NULL
