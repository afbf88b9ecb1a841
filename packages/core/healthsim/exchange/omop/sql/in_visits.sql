-- one row per visit; a stay of a patient who is still there (UB-04 30) has its end from the day of extraction, and goes on;
-- its class by the concept, and where that says nothing by the word of the source
SELECT
    v.visit_occurrence_id::VARCHAR AS encounter_id, p.patient_id, f.facility_id, d.provider_id AS attending_provider_id,
    CASE
        WHEN v.visit_concept_id IN (9201, 262, 32037, 8717, 581379) THEN 'inpatient'
        WHEN v.visit_concept_id IN (9202, 581477, 38004207, 32693) THEN 'outpatient'
        WHEN v.visit_concept_id IN (9203, 8870) THEN 'emergency'
        WHEN v.visit_concept_id IN (581385, 38004515) THEN 'observation'
        WHEN v.visit_concept_id IN (5083, 32761, 722455) THEN 'virtual'
        WHEN v.visit_concept_id IN (581476, 38004519) THEN 'home'
        ELSE v.visit_source_value
    END AS encounter_class,
    coalesce(v.visit_start_datetime, v.visit_start_date) AS start_datetime,
    CASE WHEN v.discharged_to_source_value IS DISTINCT FROM '30' THEN coalesce(v.visit_end_datetime, v.visit_end_date) END AS end_datetime,
    v.discharged_to_source_value AS discharge_disposition,
    CASE WHEN v.discharged_to_source_value = '30' THEN 'in-progress' ELSE 'finished' END AS status, v.doc
FROM cdm.visit_occurrence AS v
LEFT JOIN key_person AS p ON p.number = v.person_id
LEFT JOIN key_care_site AS f ON f.number = v.care_site_id
LEFT JOIN key_provider AS d ON d.number = v.provider_id
