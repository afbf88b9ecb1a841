-- Years that the patients lived within the history, in all and by age in the middle of each of its years.
WITH years AS (SELECT unnest(generate_series(0, $years::INTEGER - 1)) AS back),
lived AS (
    SELECT
        greatest(datesub('year', birth_date, ($as_of::DATE - to_years(y.back::INTEGER) - INTERVAL 6 MONTH)::DATE), 0) AS age,
        datediff(
            'day',
            greatest(($as_of::DATE - to_years(y.back::INTEGER + 1))::DATE, $start::DATE, birth_date),
            least(($as_of::DATE - to_years(y.back::INTEGER))::DATE, coalesce(death_date, DATE '9999-12-31'))
        ) / 365.25 AS share
    FROM lives
    CROSS JOIN years AS y
    WHERE birth_date IS NOT NULL
)
SELECT
    coalesce(sum(share), 0) AS every_age,
    coalesce(sum(share) FILTER (age <= 18), 0) AS children,
    coalesce(sum(share) FILTER (age BETWEEN 19 AND 64), 0) AS working_age,
    coalesce(sum(share) FILTER (age >= 65), 0) AS elderly
FROM lived
WHERE share > 0
