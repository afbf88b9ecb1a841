-- DS: one row per milestone of a subject.
SELECT {variables}
FROM (
    SELECT
        *, row_number() OVER (PARTITION BY subject_id ORDER BY dsstdtc NULLS LAST, disposition_event_id) AS number
    FROM disposition_events
) AS a
JOIN sdtm_subjects AS s ON s.subject_id = a.subject_id
WHERE s.study = $study
ORDER BY s.unique_id, a.number
