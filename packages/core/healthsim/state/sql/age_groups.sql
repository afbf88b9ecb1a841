-- How many patients of each sex are in each group of ages of five years, on a day; the oldest group has no end.
WITH ages AS (
    SELECT gender, date_diff('year', birth_date, $at::DATE) - (strftime($at::DATE, '%m%d') < strftime(birth_date, '%m%d'))::INTEGER AS age
    FROM patients
    WHERE birth_date <= $at::DATE AND (death_date IS NULL OR death_date > $at::DATE)
)
SELECT
    least(age // 5 * 5, 85) AS youngest, count(*) FILTER (gender = 'F') AS women, count(*) FILTER (gender = 'M') AS men,
    count(*) FILTER (gender IS NULL OR gender NOT IN ('F', 'M')) AS others
FROM ages
GROUP BY youngest
ORDER BY youngest
