-- One row per event whose concept is a device.
SELECT
    event_id AS device_exposure_id,
    person_id,
    concept_id AS device_concept_id,
    start_date AS device_exposure_start_date,
    start_datetime AS device_exposure_start_datetime,
    NULL AS device_exposure_end_date,
    NULL AS device_exposure_end_datetime,
    type_concept_id AS device_type_concept_id,
    NULL AS unique_device_id,
    NULL AS production_id,
    CASE WHEN quantity > 0 THEN TRY_CAST(quantity AS INTEGER) END AS quantity,
    provider_id,
    visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    source_value AS device_source_value,
    source_concept_id AS device_source_concept_id,
    NULL AS unit_concept_id,
    NULL AS unit_source_value,
    NULL AS unit_source_concept_id
FROM stage_event
WHERE domain_id = 'Device'
