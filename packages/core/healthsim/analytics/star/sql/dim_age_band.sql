-- One row per year of age, in the bands that reports use.
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
