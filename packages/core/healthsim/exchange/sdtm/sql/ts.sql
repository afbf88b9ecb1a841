-- TS: one row per parameter of the trial summary that the study says.
SELECT {variables}
FROM ({parameters}) AS a
WHERE a.study_id = $study AND a.value IS NOT NULL
ORDER BY a.place
