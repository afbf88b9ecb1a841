-- One row per patient and day with one of the conditions: diagnoses, and the diagnoses of claims. A code stands for all
-- codes that begin with it.
WITH found AS (
    SELECT d.patient_id, coalesce(d.diagnosed_date, CAST(e.start_datetime AS DATE), d.onset_date) AS day, d.code
    FROM main.diagnoses AS d
    LEFT JOIN main.encounters AS e ON e.scenario_id = $scenario AND e.encounter_id = d.encounter_id
    WHERE d.scenario_id = $scenario
    UNION ALL
    SELECT c.patient_id, c.service_date, unnest(list_prepend(c.principal_diagnosis, json_extract_string(c.other_diagnoses, '$[*]')))
    FROM main.claims AS c
    WHERE c.scenario_id = $scenario AND c.patient_id IS NOT NULL
)
SELECT DISTINCT f.patient_id, f.day
FROM found AS f
JOIN (SELECT unnest($terms) AS term) AS t ON starts_with(replace(upper(f.code), '.', ''), replace(upper(t.term), '.', ''))
WHERE f.day IS NOT NULL
