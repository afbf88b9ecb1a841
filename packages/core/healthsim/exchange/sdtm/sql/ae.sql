-- AE: one row per adverse event; numbers that are given and tell the events of a subject apart are kept.
WITH numbered AS (
    SELECT
        *, row_number() OVER (PARTITION BY subject_id ORDER BY aeseq, aestdtc, adverse_event_id) AS place,
        count(DISTINCT aeseq) OVER (PARTITION BY subject_id) = count(*) OVER (PARTITION BY subject_id) AS told
    FROM adverse_events
)
SELECT {variables}
FROM (SELECT *, CASE WHEN told THEN aeseq ELSE place END AS number FROM numbered) AS a
JOIN sdtm_subjects AS s ON s.subject_id = a.subject_id
WHERE s.study = $study
ORDER BY s.unique_id, a.number
