-- DM: one row per subject.
SELECT {variables}
FROM sdtm_subjects AS s
LEFT JOIN patients AS p ON p.patient_id = s.patient_id
WHERE s.study = $study
ORDER BY s.unique_id
