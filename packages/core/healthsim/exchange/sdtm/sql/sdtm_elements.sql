-- One row per arm and element: everybody is screened, then treated as the arm says.
SELECT
    r.study_id, r.arm_code, r.arm_name, 1 AS element, 'SCRN' AS etcd, 'Screening' AS description, 'SCREENING' AS epoch,
    'Informed consent' AS starts, 'Randomization, or screen failure' AS ends
FROM treatment_arms AS r
UNION ALL
SELECT
    r.study_id, r.arm_code, r.arm_name, 2,
    'T' || lpad(CAST(row_number() OVER (PARTITION BY r.study_id ORDER BY r.arm_code) AS VARCHAR), 3, '0'),
    'Treatment with ' || coalesce(r.arm_name, r.arm_code), 'TREATMENT',
    'First dose of ' || coalesce(r.arm_name, r.arm_code), 'Last visit of the treatment, or discontinuation'
FROM treatment_arms AS r
