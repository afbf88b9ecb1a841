-- EX: one row per treatment at one dose; numbers that are given and tell those of a subject apart are kept.
WITH numbered AS (
    SELECT
        *, row_number() OVER (PARTITION BY subject_id ORDER BY exseq, exstdtc, exposure_id) AS place,
        count(DISTINCT exseq) OVER (PARTITION BY subject_id) = count(*) OVER (PARTITION BY subject_id) AS told
    FROM exposures
)
SELECT {variables}
FROM (SELECT *, CASE WHEN told THEN exseq ELSE place END AS number FROM numbered) AS a
JOIN sdtm_subjects AS s ON s.subject_id = a.subject_id
WHERE s.study = $study
ORDER BY s.unique_id, a.number
