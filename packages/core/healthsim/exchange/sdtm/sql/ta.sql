-- TA: one row per element of an arm.
SELECT {variables}
FROM sdtm_elements AS a
WHERE coalesce(a.study_id, $study) = $study
ORDER BY a.arm_code, a.element
