-- One row per event whose concept is a measurement.
SELECT
    e.event_id AS measurement_id,
    e.person_id,
    e.concept_id AS measurement_concept_id,
    e.start_date AS measurement_date,
    e.start_datetime AS measurement_datetime,
    strftime(e.start_datetime, '%H:%M:%S') AS measurement_time,
    e.type_concept_id AS measurement_type_concept_id,
    o.concept_id AS operator_concept_id,
    TRY_CAST(e.value_number AS DECIMAL(18, 3)) AS value_as_number,
    NULL AS value_as_concept_id,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.concept_id, 0) END AS unit_concept_id,
    TRY_CAST(e.low AS DECIMAL(18, 3)) AS range_low,
    TRY_CAST(e.high AS DECIMAL(18, 3)) AS range_high,
    e.provider_id,
    e.visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    e.source_value AS measurement_source_value,
    e.source_concept_id AS measurement_source_concept_id,
    left(e.unit, 50) AS unit_source_value,
    CASE WHEN e.unit IS NOT NULL THEN coalesce(u.concept_id, 0) END AS unit_source_concept_id,
    left(e.value_text, 50) AS value_source_value,
    NULL AS measurement_event_id,
    NULL AS meas_event_field_concept_id
FROM stage_event AS e
LEFT JOIN stage_word AS u ON u.kind = 'unit' AND u.word = lower(trim(e.unit))
LEFT JOIN stage_word AS o ON o.kind = 'operator' AND o.word = e.operator
WHERE e.domain_id = 'Measurement'
