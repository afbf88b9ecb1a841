-- Treatment arms of trials.
-- kind: scoped
-- natural key: treatment_arm_id
-- how: Arms that are declared, and those that only subjects name.
-- columns:
--   study_key INTEGER: the study
--   treatment_arm_id VARCHAR: the arm, else the code that subjects name
--   arm_code VARCHAR: code
--   arm_name VARCHAR: name
--   arm_type VARCHAR: experimental, placebo ...
--   is_control INTEGER: 1 for control arms
SELECT
    coalesce(s.study_key, -1) AS study_key, a.treatment_arm_id, a.arm_code, a.arm_name, a.arm_type,
    CASE WHEN a.is_control OR lower(a.arm_type) LIKE '%placebo%' OR lower(a.arm_type) LIKE '%control%' THEN 1 ELSE 0 END AS is_control
FROM treatment_arms AS a
LEFT JOIN dim_study AS s ON s.study_id = a.study_id
UNION ALL
SELECT
    coalesce(n.study_key, -1), concat(coalesce(n.study_id, ''), '/', n.arm_code), n.arm_code, n.arm_code, NULL,
    CASE WHEN lower(n.arm_code) LIKE '%placebo%' OR lower(n.arm_code) LIKE '%control%' THEN 1 ELSE 0 END
FROM (
    SELECT DISTINCT j.study_id, j.arm_code, s.study_key
    FROM subjects AS j
    LEFT JOIN dim_study AS s ON s.study_id = j.study_id
    WHERE j.arm_code IS NOT NULL
) AS n
WHERE NOT EXISTS (
    SELECT 1 FROM treatment_arms AS a
    WHERE (a.arm_code = n.arm_code OR a.treatment_arm_id = n.arm_code)
        AND (a.study_id = n.study_id OR a.study_id IS NULL OR n.study_id IS NULL)
) AND NOT EXISTS (SELECT 1 FROM treatment_arms AS o WHERE o.treatment_arm_id = concat(coalesce(n.study_id, ''), '/', n.arm_code))
