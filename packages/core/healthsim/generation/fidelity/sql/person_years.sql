-- Years that the patients lived within the history, in all and by age in the middle of each of its years. Of a generated
-- population whoever is covered is there from the first day of coverage or care to the last one.
WITH spans AS (
    SELECT patient_id, coverage_start AS first_day, coalesce(coverage_end, $as_of::DATE) AS last_day
    FROM members
    WHERE $generated AND patient_id IS NOT NULL
),
there AS (
    SELECT s.patient_id, min(s.first_day) AS first_day, max(s.last_day) AS last_day
    FROM (
        FROM spans
        UNION ALL
        SELECT e.patient_id, e.start_datetime::DATE, e.start_datetime::DATE
        FROM encounters AS e
        SEMI JOIN spans AS c ON c.patient_id = e.patient_id
    ) AS s
    GROUP BY s.patient_id
),
years AS (SELECT unnest(generate_series(0, $years::INTEGER - 1)) AS back),
lived AS (
    SELECT
        greatest(datesub('year', birth_date, ($as_of::DATE - to_years(y.back::INTEGER) - INTERVAL 6 MONTH)::DATE), 0) AS age,
        datediff(
            'day',
            greatest(($as_of::DATE - to_years(y.back::INTEGER + 1))::DATE, $start::DATE, birth_date, coalesce(t.first_day, birth_date)),
            least(($as_of::DATE - to_years(y.back::INTEGER))::DATE, coalesce(death_date, DATE '9999-12-31'), coalesce(t.last_day, $as_of::DATE))
        ) / 365.25 AS share
    FROM lives AS p
    CROSS JOIN years AS y
    LEFT JOIN there AS t ON t.patient_id = p.patient_id
    WHERE birth_date IS NOT NULL
)
SELECT
    coalesce(sum(share), 0) AS every_age,
    coalesce(sum(share) FILTER (age <= 18), 0) AS children,
    coalesce(sum(share) FILTER (age BETWEEN 19 AND 64), 0) AS working_age,
    coalesce(sum(share) FILTER (age >= 65), 0) AS elderly
FROM lived
WHERE share > 0
