-- One row per group of members, the most expensive first: their share of what plans paid.
WITH spent AS (
    SELECT f.person_key, sum(f.total_paid_amount) AS paid
    FROM analytics.fact_member_month AS f
    WHERE f.scenario_key = $scenario
    GROUP BY f.person_key
), ranked AS (
    SELECT
        paid, row_number() OVER (ORDER BY paid DESC, person_key) AS place, count(*) OVER () AS members
    FROM spent
), grouped AS (
    SELECT
        paid,
        CASE
            WHEN place <= ceil(0.01 * members) THEN 1 WHEN place <= ceil(0.05 * members) THEN 2
            WHEN place <= ceil(0.10 * members) THEN 3 WHEN place <= ceil(0.20 * members) THEN 4
            WHEN place <= ceil(0.50 * members) THEN 5 ELSE 6
        END AS part
    FROM ranked
), summed AS (
    SELECT part, count(*) AS members, sum(paid) AS paid, min(paid) AS least_paid FROM grouped GROUP BY part
)
SELECT
    CASE part WHEN 1 THEN 'Top 1 %' WHEN 2 THEN 'Next 4 %' WHEN 3 THEN 'Next 5 %' WHEN 4 THEN 'Next 10 %'
        WHEN 5 THEN 'Next 30 %' ELSE 'Lower half' END AS members_by_cost,
    members, paid, 100.0 * paid / nullif(sum(paid) OVER (), 0) AS percent_of_cost,
    100.0 * sum(paid) OVER (ORDER BY part) / nullif(sum(paid) OVER (), 0) AS cumulative_percent,
    least_paid AS paid_from
FROM summed
ORDER BY part
