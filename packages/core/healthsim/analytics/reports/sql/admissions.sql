-- One row per year and age band: admissions and bed days of covered members per 1,000 member years.
WITH stay AS (
    SELECT d."year", a.age_band, sum(f.inpatient_count) AS admissions, sum(f.bed_days) AS bed_days
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
    coalesce(c.member_months, 0) AS member_months, coalesce(v.admissions, 0) AS admissions, coalesce(v.bed_days, 0) AS bed_days,
    12000.0 * coalesce(v.admissions, 0) / nullif(c.member_months, 0) AS admissions_per_1000,
    12000.0 * coalesce(v.bed_days, 0) / nullif(c.member_months, 0) AS bed_days_per_1000
FROM covered AS c
-- after a birthday, the age on the day is not that on the first of the month
FULL JOIN stay AS v ON v."year" = c."year" AND v.age_band = c.age_band
WHERE c.member_months > 0 OR v.admissions > 0
ORDER BY 1, TRY_CAST(regexp_extract(coalesce(c.age_band, v.age_band), '^[0-9]+') AS INTEGER) NULLS LAST
