-- MH: one row per condition of a subject that was known before consent, as it was first taken down.
SELECT {variables}
FROM (
    SELECT
        *, row_number() OVER (PARTITION BY unique_id ORDER BY onset_date NULLS FIRST, diagnosed_date, diagnosis_id) AS number
    FROM (
        SELECT d.*, s.unique_id
        FROM diagnoses AS d
        JOIN sdtm_subjects AS s ON s.patient_id = d.patient_id
        WHERE s.study = $study
            AND coalesce(d.diagnosed_date, d.onset_date) < coalesce(s.informed_consent_date, s.screening_date)
        QUALIFY row_number() OVER (
            PARTITION BY s.unique_id, coalesce(d.code, d.description)
            ORDER BY coalesce(d.diagnosed_date, d.onset_date), d.diagnosis_id
        ) = 1
    )
) AS a
JOIN sdtm_subjects AS s ON s.unique_id = a.unique_id AND s.patient_id = a.patient_id AND s.study = $study
ORDER BY s.unique_id, a.number
