-- one row per note
SELECT
    coalesce(n.note_source_value, n.note_id::VARCHAR) AS clinical_note_id, p.patient_id,
    n.visit_occurrence_id::VARCHAR AS encounter_id, n.note_title AS note_type,
    coalesce(n.note_datetime, n.note_date) AS note_datetime, n.note_text AS content, n.doc
FROM cdm.note AS n
LEFT JOIN key_person AS p ON p.number = n.person_id
