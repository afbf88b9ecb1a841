-- One row per year of age; the key is the age itself.
CREATE TABLE analytics.dim_age_band (
    age_band_key INTEGER,  -- age in completed years, 0 to 120; -1 unknown, -2 not applicable
    age INTEGER,           -- age in completed years
    age_label VARCHAR,     -- 67
    age_band VARCHAR,      -- 0-17, 18-44, 45-64, 65+ (CDC PLACES)
    band_5_year VARCHAR,   -- 0-4, 5-9 ... 85+
    band_10_year VARCHAR,  -- 0-9, 10-19 ... 80+
    hedis_band VARCHAR,    -- 0-17, 18-44, 45-54, 55-64, 65-74, 75-84, 85+ (reporting bands of HEDIS plan all-cause readmissions and utilisation)
    life_stage VARCHAR,    -- infant, child, adolescent, adult, older adult
    is_adult INTEGER,      -- 1 from 18
    is_65_plus INTEGER     -- 1 from 65
);
