-- One row per year and age band: emergency visits of covered members per 1,000 member years.
WITH visit AS (
    SELECT d."year", a.age_band, sum(f.emergency_count - f.ed_stay_count) AS visits
    FROM analytics.fact_encounter AS f
    JOIN analytics.dim_date AS d ON d.date_key = f.start_date_key
    JOIN analytics.dim_age_band AS a ON a.age_band_key = f.age_band_key
    WHERE f.scenario_key = $scenario AND f.enrolled_count = 1
    GROUP BY d."year", a.age_band
), covered AS (
    SELECT d."year", a.age_band, sum(f.member_months) AS member_months
    FROM analytics.fact_member_month AS f
    JOIN analytics.dim_scenario AS s ON s.scenario_key = f.scenario_key
    JOIN analytics.dim_date AS d ON d.date_key = f.month_date_key
    JOIN analytics.dim_age_band AS a ON a.age_band_key = f.age_band_key
    WHERE f.scenario_key = $scenario AND f.month_start <= s.data_end_date
        AND f.month_start >= date_trunc('month', s.data_start_date)
    GROUP BY d."year", a.age_band
)
SELECT
    coalesce(c."year", v."year") AS "year", coalesce(c.age_band, v.age_band) AS age_band,
    coalesce(v.visits, 0) AS ed_visits, coalesce(c.member_months, 0) AS member_months,
    12000.0 * coalesce(v.visits, 0) / nullif(c.member_months, 0) AS ed_visits_per_1000
FROM covered AS c
-- after a birthday, the age on the day is not that on the first of the month
FULL JOIN visit AS v ON v."year" = c."year" AND v.age_band = c.age_band
WHERE c.member_months > 0 OR v.visits > 0
ORDER BY 1, TRY_CAST(regexp_extract(coalesce(c.age_band, v.age_band), '^[0-9]+') AS INTEGER) NULLS LAST
