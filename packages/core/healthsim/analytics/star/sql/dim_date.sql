-- One row per day from 1900 to 2100.
-- kind: seed
-- columns:
--   date_key INTEGER: yyyymmdd; -1 unknown, -2 not applicable
--   full_date DATE: the day
--   year INTEGER: calendar year
--   quarter INTEGER: 1 to 4
--   month INTEGER: 1 to 12
--   day_of_month INTEGER: 1 to 31
--   year_month INTEGER: yyyymm
--   month_label VARCHAR: YYYY-MM
--   quarter_label VARCHAR: YYYY-Qn
--   month_name VARCHAR: January ...
--   day_of_week INTEGER: 1 Monday to 7 Sunday
--   day_name VARCHAR: Monday ...
--   is_weekend INTEGER: 1 on Saturday and Sunday
--   iso_week INTEGER: week of ISO 8601
--   month_start DATE: first day of its month
--   month_end DATE: last day of its month
--   days_in_month INTEGER: 28 to 31
--   fiscal_year INTEGER: United States federal fiscal year (October to September)
WITH days AS (
    SELECT CAST(moment AS DATE) AS full_date
    FROM (SELECT unnest(generate_series(DATE '1900-01-01', DATE '2100-12-31', INTERVAL 1 DAY)) AS moment) AS series
)
SELECT
    {day_key(full_date)} AS date_key,
    full_date, year(full_date) AS "year", quarter(full_date) AS "quarter", month(full_date) AS "month", day(full_date) AS day_of_month,
    year(full_date) * 100 + month(full_date) AS year_month,
    substring(CAST(full_date AS VARCHAR), 1, 7) AS month_label,
    concat(CAST(year(full_date) AS VARCHAR), '-Q', CAST(quarter(full_date) AS VARCHAR)) AS quarter_label,
    CASE month(full_date)
        WHEN 1 THEN 'January' WHEN 2 THEN 'February' WHEN 3 THEN 'March' WHEN 4 THEN 'April' WHEN 5 THEN 'May' WHEN 6 THEN 'June'
        WHEN 7 THEN 'July' WHEN 8 THEN 'August' WHEN 9 THEN 'September' WHEN 10 THEN 'October' WHEN 11 THEN 'November' ELSE 'December'
    END AS month_name,
    -- 1900-01-01 was a Monday
    date_diff('day', DATE '1900-01-01', full_date) % 7 + 1 AS day_of_week,
    CASE date_diff('day', DATE '1900-01-01', full_date) % 7
        WHEN 0 THEN 'Monday' WHEN 1 THEN 'Tuesday' WHEN 2 THEN 'Wednesday' WHEN 3 THEN 'Thursday' WHEN 4 THEN 'Friday'
        WHEN 5 THEN 'Saturday' ELSE 'Sunday'
    END AS day_name,
    CASE WHEN date_diff('day', DATE '1900-01-01', full_date) % 7 >= 5 THEN 1 ELSE 0 END AS is_weekend,
    weekofyear(full_date) AS iso_week,
    CAST(date_trunc('month', full_date) AS DATE) AS month_start, last_day(full_date) AS month_end,
    day(last_day(full_date)) AS days_in_month,
    CASE WHEN month(full_date) >= 10 THEN year(full_date) + 1 ELSE year(full_date) END AS fiscal_year
FROM days
