-- how many persons a scenario holds, and how many of them have ids of the form that generation gives
SELECT count(*) AS persons, count(*) FILTER (regexp_full_match(patient_id, $form)) AS own_ids
FROM patients
WHERE {here}
