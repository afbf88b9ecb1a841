-- One row per event whose concept is a procedure.
SELECT
    event_id AS procedure_occurrence_id,
    person_id,
    concept_id AS procedure_concept_id,
    start_date AS procedure_date,
    start_datetime AS procedure_datetime,
    NULL AS procedure_end_date,
    NULL AS procedure_end_datetime,
    type_concept_id AS procedure_type_concept_id,
    0 AS modifier_concept_id,
    CASE WHEN quantity > 0 THEN TRY_CAST(quantity AS INTEGER) END AS quantity,
    provider_id,
    visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    source_value AS procedure_source_value,
    source_concept_id AS procedure_source_concept_id,
    left(modifier, 50) AS modifier_source_value
FROM stage_event
WHERE domain_id = 'Procedure'
