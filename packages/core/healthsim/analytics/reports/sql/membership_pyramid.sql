-- One row per age band: women and men covered in the last month of the data.
WITH last_month AS (
    SELECT max(f.month_start) AS month_start
    FROM analytics.fact_member_month AS f
    JOIN analytics.dim_scenario AS s ON s.scenario_key = f.scenario_key
    WHERE f.scenario_key = $scenario AND f.month_start <= s.data_end_date
), covered AS (
    SELECT DISTINCT f.person_key, a.band_5_year, p.gender, strftime(m.month_start, '%Y-%m') AS "month"
    FROM analytics.fact_member_month AS f
    JOIN last_month AS m ON m.month_start = f.month_start
    JOIN analytics.dim_age_band AS a ON a.age_band_key = f.age_band_key
    JOIN analytics.dim_person AS p ON p.person_key = f.person_key
    WHERE f.scenario_key = $scenario
)
SELECT
    band_5_year AS age, count(*) FILTER (WHERE gender = 'F') AS women, count(*) FILTER (WHERE gender = 'M') AS men,
    count(*) FILTER (WHERE gender IS NULL OR gender NOT IN ('F', 'M')) AS other, count(*) AS members,
    100.0 * count(*) / nullif(sum(count(*)) OVER (), 0) AS percent_of_members, max("month") AS "month"
FROM covered
GROUP BY band_5_year
ORDER BY TRY_CAST(regexp_extract(band_5_year, '^[0-9]+') AS INTEGER) NULLS LAST
