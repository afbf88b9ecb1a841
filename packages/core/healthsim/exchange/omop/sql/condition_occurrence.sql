-- One row per event whose concept is a condition.
SELECT
    e.event_id AS condition_occurrence_id,
    e.person_id,
    e.concept_id AS condition_concept_id,
    e.start_date AS condition_start_date,
    e.start_datetime AS condition_start_datetime,
    CASE WHEN e.home = 'Condition' THEN e.end_date END AS condition_end_date,
    CASE WHEN e.home = 'Condition' THEN CAST(e.end_date AS TIMESTAMP) END AS condition_end_datetime,
    e.type_concept_id AS condition_type_concept_id,
    coalesce(w.concept_id, 0) AS condition_status_concept_id,
    NULL AS stop_reason,
    e.provider_id,
    e.visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    e.source_value AS condition_source_value,
    e.source_concept_id AS condition_source_concept_id,
    left(e.status, 50) AS condition_status_source_value
FROM stage_event AS e
LEFT JOIN stage_word AS w ON w.kind = 'status' AND w.word = lower(e.status)
WHERE e.domain_id = 'Condition'
