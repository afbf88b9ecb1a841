-- Stays that ended alive at least 30 days before the end of the history, and those followed by another within 30 days.
WITH stays AS (
    SELECT
        e.discharge_disposition_code, e.end_datetime::DATE AS discharged,
        lead(e.start_datetime::DATE) OVER (PARTITION BY e.patient_id ORDER BY e.start_datetime) AS next_admitted
    FROM encounters AS e
    JOIN lives AS p ON p.patient_id = e.patient_id
    WHERE e.encounter_class = 'inpatient' AND e.start_datetime::DATE > $start::DATE
        AND datesub('year', p.birth_date, e.start_datetime::DATE) >= 1
)
SELECT count(*) AS n, 100.0 * count(*) FILTER (next_admitted <= discharged + 30) / nullif(count(*), 0) AS percent_readmitted
FROM stays
WHERE discharged <= $as_of::DATE - 30
    AND coalesce(discharge_disposition_code, '') NOT IN ('20', '40', '41', '42')
