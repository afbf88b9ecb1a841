-- One row per event whose concept is an observation.
SELECT
    e.event_id AS observation_id,
    e.person_id,
    e.concept_id AS observation_concept_id,
    e.start_date AS observation_date,
    e.start_datetime AS observation_datetime,
    e.type_concept_id AS observation_type_concept_id,
    TRY_CAST(e.value_number AS DECIMAL(18, 3)) AS value_as_number,
    left(e.value_text, 60) AS value_as_string,
    e.value_concept_id AS value_as_concept_id,
    NULL AS qualifier_concept_id,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.concept_id, 0) END AS unit_concept_id,
    e.provider_id,
    e.visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    e.source_value AS observation_source_value,
    e.source_concept_id AS observation_source_concept_id,
    left(e.unit, 50) AS unit_source_value,
    left(e.status, 50) AS qualifier_source_value,
    left(e.value_text, 50) AS value_source_value,
    NULL AS observation_event_id,
    NULL AS obs_event_field_concept_id
FROM stage_event AS e
LEFT JOIN stage_word AS u ON u.kind = 'unit' AND u.word = lower(trim(e.unit))
WHERE e.domain_id = 'Observation'
