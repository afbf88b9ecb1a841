-- Proportion of days covered, by person, class and year: from the first fill of the year to its end (or death, or the
-- end of the data). Fills merge into stretches by the latest day that any earlier one lasts: overlaps and switches
-- within the class count once, an early refill does not move.
-- kind: work
WITH fill AS (
    SELECT f.person_key, d.adherence_class, f.service_date, f.supply_end_date, f.pharmacy_claim_id
    FROM fact_rx_fill AS f
    JOIN dim_drug AS d ON d.drug_key = f.drug_key
    WHERE d.adherence_class IS NOT NULL AND f.fill_count = 1 AND f.person_key > 0 AND f.service_date IS NOT NULL
), ordered AS (
    SELECT
        *,
        max(supply_end_date) OVER (
            PARTITION BY person_key, adherence_class ORDER BY service_date, supply_end_date, pharmacy_claim_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
    FROM fill
), piece AS (
    SELECT
        person_key, adherence_class, service_date,
        CASE WHEN before >= service_date THEN CAST(before + 1 AS DATE) ELSE service_date END AS first_day, supply_end_date AS last_day
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
