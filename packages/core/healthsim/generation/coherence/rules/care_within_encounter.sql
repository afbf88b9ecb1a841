-- What was done in an encounter was done between its first and its last day.
-- severity: fail when generated
-- any of: procedures.performed_datetime, vital_signs.observation_datetime, lab_results.collected_datetime,
--   immunizations.administered_date, orders.ordered_datetime, clinical_notes.note_datetime
WITH done AS (
    SELECT procedure_id AS id, 'procedures' AS "table", encounter_id, performed_datetime::DATE AS day FROM procedures
    UNION ALL SELECT vital_sign_id, 'vital_signs', encounter_id, observation_datetime::DATE FROM vital_signs
    UNION ALL SELECT lab_result_id, 'lab_results', encounter_id, collected_datetime::DATE FROM lab_results
    UNION ALL SELECT immunization_id, 'immunizations', encounter_id, administered_date FROM immunizations
    UNION ALL SELECT order_id, 'orders', encounter_id, ordered_datetime::DATE FROM orders
    UNION ALL SELECT clinical_note_id, 'clinical_notes', encounter_id, note_datetime::DATE FROM clinical_notes
)
SELECT d.id, d."table", d.day, e.encounter_id, e.start_datetime, e.end_datetime
FROM done AS d
JOIN encounters AS e ON e.encounter_id = d.encounter_id
WHERE d.day < e.start_datetime::DATE OR d.day > e.end_datetime::DATE
