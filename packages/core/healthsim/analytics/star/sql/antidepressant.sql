-- New antidepressant treatment: the first fill of a year with none in the 105 days before it, and the days covered in
-- the 115 days from it (114 after the start), merged like adherence.
-- kind: work
WITH fill AS (
    SELECT f.person_key, f.service_date, f.supply_end_date, f.pharmacy_claim_id
    FROM fact_rx_fill AS f
    JOIN dim_drug AS d ON d.drug_key = f.drug_key
    WHERE d.therapeutic_class = 'Antidepressant' AND f.fill_count = 1 AND f.person_key > 0 AND f.service_date IS NOT NULL
), ordered AS (
    SELECT
        *,
        max(supply_end_date) OVER (
            PARTITION BY person_key ORDER BY service_date, supply_end_date, pharmacy_claim_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before,
        max(service_date) OVER (
            PARTITION BY person_key ORDER BY service_date, supply_end_date, pharmacy_claim_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS previous
    FROM fill
), started AS (
    SELECT person_key, year(service_date) AS "year", min(service_date) AS start_day
    FROM ordered
    WHERE previous IS NULL OR date_diff('day', previous, service_date) > 105
    GROUP BY person_key, year(service_date)
), piece AS (
    SELECT
        person_key, CASE WHEN before >= service_date THEN CAST(before + 1 AS DATE) ELSE service_date END AS first_day, supply_end_date AS last_day
    FROM ordered
)
SELECT
    s.person_key, s."year",
    coalesce(sum(CASE
        WHEN greatest(p.first_day, s.start_day) <= least(p.last_day, CAST(s.start_day + 114 AS DATE))
            THEN date_diff('day', greatest(p.first_day, s.start_day), least(p.last_day, CAST(s.start_day + 114 AS DATE))) + 1
        ELSE 0
    END), 0) AS covered_days
FROM started AS s
JOIN piece AS p ON p.person_key = s.person_key
GROUP BY s.person_key, s."year", s.start_day
