-- One row per contact with care; the preceding visit is the person's one before.
SELECT
    v.visit_id AS visit_occurrence_id,
    v.person_id,
    coalesce(w.concept_id, 0) AS visit_concept_id,
    v.start_date AS visit_start_date,
    v.start_datetime AS visit_start_datetime,
    v.end_date AS visit_end_date,
    v.end_datetime AS visit_end_datetime,
    CASE v.kind WHEN 'claim' THEN 32810 ELSE 32827 END AS visit_type_concept_id,
    v.provider_id,
    v.care_site_id,
    left(v.class, 50) AS visit_source_value,
    0 AS visit_source_concept_id,
    NULL AS admitted_from_concept_id,
    NULL AS admitted_from_source_value,
    NULL AS discharged_to_concept_id,
    left(v.discharged_to, 50) AS discharged_to_source_value,
    lag(v.visit_id) OVER (PARTITION BY v.person_id ORDER BY v.start_datetime, v.visit_id) AS preceding_visit_occurrence_id
FROM stage_visit AS v
LEFT JOIN stage_word AS w ON w.kind = 'visit' AND w.word = v.class
