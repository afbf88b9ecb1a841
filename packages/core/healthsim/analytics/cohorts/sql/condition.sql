-- One row per patient and day with one of the conditions: diagnoses, and the diagnoses of claims that are neither denied
-- nor reversed. A code stands for all codes that begin with it.
WITH line AS (
    SELECT claim_id, min(service_date) AS service_date
    FROM claim_lines
    GROUP BY claim_id
),
found AS (
    SELECT h.patient_id, coalesce(d.diagnosed_date, CAST(e.start_datetime AS DATE), d.onset_date) AS day, d.code
    FROM diagnoses AS d
    LEFT JOIN encounters AS e ON e.encounter_id = d.encounter_id
    JOIN cohort_human AS h ON h.role = 'patient' AND h.id = coalesce(d.patient_id, e.patient_id)
    UNION ALL
    -- of a claim that names both, the member says whose it is
    SELECT
        coalesce(m.patient_id, p.patient_id), coalesce(c.service_date, c.admission_date, l.service_date),
        unnest(list_prepend(c.principal_diagnosis, json_extract_string(c.other_diagnoses, '$[*]')))
    FROM claims AS c
    LEFT JOIN line AS l ON l.claim_id = c.claim_id
    LEFT JOIN cohort_human AS m ON m.role = 'member' AND m.id = c.member_id
    LEFT JOIN cohort_human AS p ON p.role = 'patient' AND p.id = c.patient_id
    JOIN cohort_status AS s
        ON s.claim_type = coalesce(c.claim_type, 'unknown') AND s.spelling = lower(coalesce(c.status, 'paid'))
    WHERE s.status NOT IN ('denied', 'rejected', 'reversed')
)
SELECT DISTINCT f.patient_id, f.day
FROM found AS f
JOIN (SELECT unnest($terms) AS term) AS t ON starts_with(replace(upper(trim(f.code)), '.', ''), replace(upper(t.term), '.', ''))
WHERE f.patient_id IS NOT NULL AND f.day IS NOT NULL
