-- The code of a birth in hospital (Z38.00 vaginal, Z38.01 cesarean) agrees with a delivery in the family that came to
-- hospital on the same day.
-- severity: fail when generated
-- columns: encounters.drg_code, diagnoses.code, members.subscriber_id, patients.birth_date
WITH family AS (
    SELECT DISTINCT m.subscriber_id, e.start_datetime::DATE AS day, e.cesarean
    FROM deliveries AS e
    JOIN members AS m ON m.patient_id = e.patient_id
),
births AS (
    SELECT DISTINCT d.diagnosis_id, d.code, p.birth_date, m.subscriber_id
    FROM diagnoses AS d
    JOIN lives AS p ON p.patient_id = d.patient_id
    JOIN members AS m ON m.patient_id = d.patient_id
    WHERE d.code IN ('Z38.00', 'Z38.01', 'Z3800', 'Z3801')
)
SELECT b.diagnosis_id AS id, b.code, b.birth_date, b.subscriber_id
FROM births AS b
JOIN family AS d ON d.subscriber_id = b.subscriber_id AND d.day = b.birth_date
GROUP BY ALL
HAVING NOT bool_or(d.cesarean = ends_with(b.code, '1'))
