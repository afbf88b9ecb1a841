-- CM: one row per drug that a subject took between consent and the end of participation.
SELECT {variables}
FROM (
    SELECT
        m.*, s.unique_id,
        row_number() OVER (PARTITION BY s.unique_id ORDER BY m.start_date NULLS FIRST, m.medication_id) AS number
    FROM medications AS m
    JOIN sdtm_subjects AS s ON s.patient_id = m.patient_id
    WHERE s.study = $study
        AND (m.start_date IS NULL OR m.start_date <= s.rfpendtc)
        AND (m.end_date IS NULL OR m.end_date >= coalesce(s.informed_consent_date, s.screening_date))
) AS a
JOIN sdtm_subjects AS s ON s.unique_id = a.unique_id AND s.patient_id = a.patient_id AND s.study = $study
ORDER BY s.unique_id, a.number
