-- one row per event of a table: who, when, its code in the vocabulary of the source, else in the standard one, what was measured
SELECT
    t.{key}::VARCHAR AS event_id, p.patient_id, t.visit_occurrence_id::VARCHAR AS encounter_id, d.provider_id,
    coalesce(s.concept_code, t.{source_value}, c.concept_code) AS code,
    coalesce(s.vocabulary_id, CASE WHEN t.{source_value} IS NULL THEN c.vocabulary_id END) AS vocabulary,
    c.concept_code AS standard_code, c.vocabulary_id AS standard_vocabulary,
    coalesce(s.concept_name, c.concept_name) AS name,
    {start_date} AS start_date, {start_datetime} AS start_datetime, {end_date} AS end_date,
    {details}, t.doc
FROM cdm.{table} AS t
LEFT JOIN key_person AS p ON p.number = t.person_id
LEFT JOIN key_provider AS d ON d.number = t.provider_id
LEFT JOIN cdm.concept AS s ON s.concept_id = t.{source_concept} AND s.concept_id <> 0
LEFT JOIN cdm.concept AS c ON c.concept_id = t.{concept} AND c.concept_id <> 0
