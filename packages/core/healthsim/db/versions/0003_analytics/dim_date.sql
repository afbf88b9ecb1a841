-- One row per day from 1900 to 2100.
CREATE TABLE analytics.dim_date (
    date_key INTEGER,       -- yyyymmdd; -1 unknown, -2 not applicable
    full_date DATE,         -- the day
    year INTEGER,           -- calendar year
    quarter INTEGER,        -- 1 to 4
    month INTEGER,          -- 1 to 12
    day_of_month INTEGER,   -- 1 to 31
    year_month INTEGER,     -- yyyymm
    month_label VARCHAR,    -- YYYY-MM
    quarter_label VARCHAR,  -- YYYY-Qn
    month_name VARCHAR,     -- January ...
    day_of_week INTEGER,    -- 1 Monday to 7 Sunday
    day_name VARCHAR,       -- Monday ...
    is_weekend INTEGER,     -- 1 on Saturday and Sunday
    iso_week INTEGER,       -- week of ISO 8601
    month_start DATE,       -- first day of its month
    month_end DATE,         -- last day of its month
    days_in_month INTEGER,  -- 28 to 31
    fiscal_year INTEGER     -- United States federal fiscal year (October to September)
);
