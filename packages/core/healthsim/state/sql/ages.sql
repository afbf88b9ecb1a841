-- completed years at the last date of care, or at death
WITH people AS (
    SELECT birth_date, least(coalesce($at::DATE, current_date), coalesce(death_date, DATE '9999-12-31')) AS last_day
    FROM {table}
    WHERE birth_date IS NOT NULL
),
ages AS (
    SELECT
        year(last_day) - year(birth_date)
        - CASE WHEN (month(last_day), day(last_day)) < (month(birth_date), day(birth_date)) THEN 1 ELSE 0 END AS age
    FROM people
    WHERE last_day >= birth_date
)
SELECT min(age), median(age), max(age) FROM ages
