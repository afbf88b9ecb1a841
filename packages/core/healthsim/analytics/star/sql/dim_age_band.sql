-- One row per year of age; the key is the age itself.
-- kind: seed
-- columns:
--   age_band_key INTEGER: age in completed years, 0 to 120; -1 unknown, -2 not applicable
--   age INTEGER: age in completed years
--   age_label VARCHAR: 67
--   age_band VARCHAR: 0-17, 18-44, 45-64, 65+ (CDC PLACES)
--   band_5_year VARCHAR: 0-4, 5-9 ... 85+
--   band_10_year VARCHAR: 0-9, 10-19 ... 80+
--   hedis_band VARCHAR: 0-17, 18-44, 45-54, 55-64, 65-74, 75-84, 85+ (reporting bands of HEDIS plan all-cause
--     readmissions and utilisation)
--   life_stage VARCHAR: infant, child, adolescent, adult, older adult
--   is_adult INTEGER: 1 from 18
--   is_65_plus INTEGER: 1 from 65
WITH ages AS (
    SELECT CAST(n AS INTEGER) AS age FROM (SELECT unnest(generate_series(0, 120)) AS n) AS series
)
SELECT
    age AS age_band_key, age, CAST(age AS VARCHAR) AS age_label,
    CASE WHEN age < 18 THEN '0-17' WHEN age < 45 THEN '18-44' WHEN age < 65 THEN '45-64' ELSE '65+' END AS age_band,
    CASE WHEN age >= 85 THEN '85+' ELSE concat(CAST(age // 5 * 5 AS VARCHAR), '-', CAST(age // 5 * 5 + 4 AS VARCHAR)) END AS band_5_year,
    CASE WHEN age >= 80 THEN '80+' ELSE concat(CAST(age // 10 * 10 AS VARCHAR), '-', CAST(age // 10 * 10 + 9 AS VARCHAR)) END AS band_10_year,
    CASE
        WHEN age < 18 THEN '0-17' WHEN age < 45 THEN '18-44' WHEN age < 55 THEN '45-54' WHEN age < 65 THEN '55-64'
        WHEN age < 75 THEN '65-74' WHEN age < 85 THEN '75-84' ELSE '85+'
    END AS hedis_band,
    CASE
        WHEN age < 1 THEN 'infant' WHEN age < 12 THEN 'child' WHEN age < 18 THEN 'adolescent' WHEN age < 65 THEN 'adult' ELSE 'older adult'
    END AS life_stage,
    CASE WHEN age >= 18 THEN 1 ELSE 0 END AS is_adult,
    CASE WHEN age >= 65 THEN 1 ELSE 0 END AS is_65_plus
FROM ages
