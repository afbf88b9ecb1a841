-- Who has had kidney failure for more than four months has Medicare, at any age (42 CFR 406.13), unless nobody of the
-- scenario has.
-- severity: fail when generated
-- columns: diagnoses.code, members.coverage_start, plans.line_of_business
WITH medicare AS (
    SELECT m.patient_id, m.coverage_start, coalesce(m.coverage_end, DATE '9999-12-31') AS coverage_end
    FROM members AS m
    JOIN plans AS p ON p.plan_id = m.plan_id
    WHERE p.line_of_business = 'medicare'
),
failed AS (
    SELECT patient_id, min(coalesce(onset_date, diagnosed_date)) + INTERVAL 4 MONTH AS since
    FROM diagnoses
    WHERE code = 'N18.6'
    GROUP BY patient_id
),
seen AS (
    SELECT f.patient_id, f.since::DATE AS since, max(e.start_datetime::DATE) AS last_care
    FROM failed AS f
    JOIN encounters AS e ON e.patient_id = f.patient_id AND e.start_datetime >= f.since
    GROUP BY f.patient_id, f.since
)
SELECT s.patient_id AS id, s.since, s.last_care
FROM seen AS s
WHERE EXISTS (FROM medicare)
    AND NOT EXISTS (SELECT 1 FROM medicare AS m WHERE m.patient_id = s.patient_id AND s.last_care BETWEEN m.coverage_start AND m.coverage_end)
