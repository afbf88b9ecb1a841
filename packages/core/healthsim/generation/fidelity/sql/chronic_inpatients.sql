-- Stays of adults, without maternity: of which share two or more chronic conditions had been found by discharge.
WITH stays AS (
    SELECT
        e.encounter_id, e.patient_id, coalesce(e.end_datetime, e.start_datetime)::DATE AS discharged,
        datesub('year', p.birth_date, e.start_datetime::DATE) AS age
    FROM encounters AS e
    JOIN lives AS p ON p.patient_id = e.patient_id
    WHERE e.encounter_class = 'inpatient' AND e.start_datetime::DATE > $start::DATE
        AND e.start_datetime::DATE <= $as_of::DATE
        AND datesub('year', p.birth_date, e.start_datetime::DATE) >= 18
        AND NOT EXISTS (FROM diagnoses AS d WHERE d.encounter_id = e.encounter_id AND starts_with(d.code, 'O'))
),
meanings AS (
    SELECT c.code, m.chronic
    FROM (SELECT DISTINCT code FROM diagnoses WHERE code IS NOT NULL) AS c
    JOIN (SELECT unnest($chronic::VARCHAR[]) AS chronic, unnest($chronic_patterns::VARCHAR[]) AS pattern) AS m
        ON regexp_matches(c.code, m.pattern)
),
found AS (
    SELECT d.patient_id, m.chronic, min(coalesce(d.diagnosed_date, d.onset_date, e.start_datetime::DATE)) AS since
    FROM diagnoses AS d
    JOIN meanings AS m ON m.code = d.code
    LEFT JOIN encounters AS e ON e.encounter_id = d.encounter_id
    GROUP BY ALL
),
counted AS (
    SELECT s.encounter_id, s.age, count(f.chronic) AS conditions
    FROM stays AS s
    LEFT JOIN found AS f ON f.patient_id = s.patient_id AND f.since <= s.discharged
    GROUP BY ALL
)
SELECT
    count(*) AS n,
    100 * avg((conditions >= 2)::INTEGER) FILTER (age < 45) AS young,
    100 * avg((conditions >= 2)::INTEGER) FILTER (age BETWEEN 45 AND 64) AS middle,
    100 * avg((conditions >= 2)::INTEGER) FILTER (age >= 65) AS old
FROM counted
