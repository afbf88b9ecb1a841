-- Codes of preventive visits (99381 to 99397) are those of the patient's age.
-- severity: fail
-- any of: procedures.code, procedures.performed_datetime, claim_lines.procedure_code, claim_lines.service_date,
--   patients.birth_date
WITH ages (code, youngest, oldest) AS (
    VALUES ('99381', 0, 0), ('99382', 1, 4), ('99383', 5, 11), ('99384', 12, 17), ('99385', 18, 39), ('99386', 40, 64),
        ('99387', 65, 130), ('99391', 0, 0), ('99392', 1, 4), ('99393', 5, 11), ('99394', 12, 17), ('99395', 18, 39),
        ('99396', 40, 64), ('99397', 65, 130)
),
done AS (
    SELECT procedure_id AS id, patient_id, code, performed_datetime::DATE AS day FROM procedures
    UNION ALL
    SELECT l.claim_line_id, c.patient_id, l.procedure_code, coalesce(l.service_date, c.service_date)
    FROM claim_lines AS l
    JOIN claims AS c ON c.claim_id = l.claim_id
)
SELECT d.id, d.code, datesub('year', p.birth_date, d.day) AS age
FROM done AS d
JOIN ages AS a ON a.code = d.code
JOIN lives AS p ON p.patient_id = d.patient_id
WHERE datesub('year', p.birth_date, d.day) NOT BETWEEN a.youngest AND a.oldest
