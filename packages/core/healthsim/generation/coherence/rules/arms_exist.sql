-- The arm of a subject is an arm of the study.
-- severity: fail when generated
-- columns: subjects.arm_code, treatment_arms.arm_code
SELECT s.subject_id AS id, s.study_id, s.arm_code
FROM subjects AS s
WHERE s.arm_code IS NOT NULL
    AND EXISTS (FROM treatment_arms AS a WHERE a.study_id = s.study_id)
    AND NOT EXISTS (
        FROM treatment_arms AS a
        WHERE a.study_id = s.study_id AND s.arm_code IN (a.arm_code, a.arm_name, a.treatment_arm_id)
    )
