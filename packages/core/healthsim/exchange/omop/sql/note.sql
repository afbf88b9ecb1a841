-- One row per clinical note with a text.
SELECT
    row_number() OVER (ORDER BY r.person_id, n.note_datetime, n.clinical_note_id) AS note_id,
    r.person_id,
    CAST(coalesce(n.note_datetime, v.start_datetime) AS DATE) AS note_date,
    coalesce(n.note_datetime, v.start_datetime) AS note_datetime,
    32817 AS note_type_concept_id,
    0 AS note_class_concept_id,
    left(n.note_type, 250) AS note_title,
    n.content AS note_text,
    32678 AS encoding_concept_id,
    4180186 AS language_concept_id,
    v.provider_id,
    v.visit_id AS visit_occurrence_id,
    NULL AS visit_detail_id,
    left(n.clinical_note_id, 50) AS note_source_value,
    NULL AS note_event_id,
    NULL AS note_event_field_concept_id
FROM clinical_notes AS n
JOIN stage_role AS r ON r.role = 'patient' AND r.id = n.patient_id
LEFT JOIN stage_visit AS v ON v.kind = 'encounter' AND v.id = n.encounter_id
WHERE n.content IS NOT NULL AND coalesce(n.note_datetime, v.start_datetime) IS NOT NULL
