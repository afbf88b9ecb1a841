-- The events of the patients of a shard, in the order of MEDS: by subject and time, those without a time first.
SELECT
    s.subject_id, e.time, e.code, e.numeric_value, e.text_value, e.encounter_id, e.entity_id, e.description, s.split
FROM ({events}) AS e
JOIN meds_subjects AS s ON s.patient_id = e.patient_id AND s.shard = $shard
WHERE e.patient_id BETWEEN $first AND $last AND e.code IS NOT NULL
ORDER BY s.subject_id, e.time NULLS FIRST, e.code, e.entity_id
