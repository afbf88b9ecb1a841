-- Proportion of days covered, by person, class and year: from the first fill of the year to its end (or death, or the
-- end of the data). A fill of the same ingredient before the last one is used up begins when that ends (PQA, CMS Star
-- Ratings); supplies of different ingredients of the class that overlap count their days once. A fill that was reversed
-- is none.
-- kind: work
WITH fill AS (
    SELECT
        f.person_key, d.adherence_class, coalesce(d.ingredient, d.code) AS ingredient, f.service_date, f.pharmacy_claim_id,
        date_diff('day', f.service_date, f.supply_end_date) + 1 AS days,
        date_diff('day', DATE '1900-01-01', f.service_date) AS service_day
    FROM fact_rx_fill AS f
    JOIN dim_drug AS d ON d.drug_key = f.drug_key
    WHERE d.adherence_class IS NOT NULL AND f.fill_count = 1 AND f.person_key > 0 AND f.service_date IS NOT NULL
), summed AS (
    SELECT
        *,
        sum(days) OVER (
            PARTITION BY person_key, adherence_class, ingredient ORDER BY service_date, days, pharmacy_claim_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) - days AS earlier
    FROM fill
), moved AS (
    -- a fill begins on its day or when all before it are used up, whichever is later
    SELECT
        person_key, adherence_class, service_date, pharmacy_claim_id, days,
        CAST(earlier + max(service_day - earlier) OVER (
            PARTITION BY person_key, adherence_class, ingredient ORDER BY service_date, days, pharmacy_claim_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS INTEGER) AS first_number
    FROM summed
), supply AS (
    SELECT
        person_key, adherence_class, service_date, pharmacy_claim_id, CAST(DATE '1900-01-01' + first_number AS DATE) AS first_day,
        CAST(DATE '1900-01-01' + CAST(first_number + days - 1 AS INTEGER) AS DATE) AS last_day
    FROM moved
), ordered AS (
    SELECT
        *,
        max(last_day) OVER (
            PARTITION BY person_key, adherence_class ORDER BY first_day, last_day, pharmacy_claim_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM supply
), piece AS (
    SELECT
        person_key, adherence_class, CASE WHEN before >= first_day THEN CAST(before + 1 AS DATE) ELSE first_day END AS first_day,
        last_day
    FROM ordered
), started AS (
    SELECT
        f.person_key, f.adherence_class, year(f.service_date) AS "year", min(f.service_date) AS start_day,
        count(DISTINCT f.service_date) AS fills,
        least(make_date(year(f.service_date), 12, 31), min(s.data_end_date), coalesce(min(p.death_date), DATE '9999-12-31')) AS end_day
    FROM fill AS f
    JOIN dim_person AS p ON p.person_key = f.person_key
    CROSS JOIN dim_scenario AS s
    GROUP BY f.person_key, f.adherence_class, year(f.service_date)
)
SELECT
    s.person_key, s.adherence_class, s."year", s.fills, date_diff('day', s.start_day, s.end_day) + 1 AS period_days,
    coalesce(sum(CASE
        WHEN greatest(p.first_day, s.start_day) <= least(p.last_day, s.end_day)
            THEN date_diff('day', greatest(p.first_day, s.start_day), least(p.last_day, s.end_day)) + 1
        ELSE 0
    END), 0) AS covered_days
FROM started AS s
JOIN piece AS p ON p.person_key = s.person_key AND p.adherence_class = s.adherence_class
GROUP BY s.person_key, s.adherence_class, s."year", s.fills, s.start_day, s.end_day
