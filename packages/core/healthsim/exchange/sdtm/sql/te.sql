-- TE: one row per element.
SELECT DISTINCT {variables}
FROM sdtm_elements AS a
WHERE coalesce(a.study_id, $study) = $study
ORDER BY ALL
