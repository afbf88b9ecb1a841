-- One row per characteristic: two scenarios side by side, with the difference in standard deviations.
WITH compared AS (
    SELECT scenario_key, {day_key(data_end_date)} AS end_key
    FROM analytics.dim_scenario
    WHERE scenario_key IN ($scenario, $other)
), person AS (
    SELECT p.*, CASE WHEN p.birth_date_key BETWEEN 0 AND s.end_key THEN {years_between(p.birth_date_key, s.end_key)} END AS age
    FROM analytics.dim_person AS p
    JOIN compared AS s ON s.scenario_key = p.scenario_key
), cost AS (
    SELECT scenario_key, person_key, sum(total_paid_amount) AS paid, sum(member_months) AS months,
        sum(emergency_visits) AS visits, sum(admissions) AS stays
    FROM analytics.fact_member_month
    WHERE scenario_key IN ($scenario, $other)
    GROUP BY scenario_key, person_key
), values_of AS (
    SELECT scenario_key, 1 AS place, 'Persons' AS characteristic, 'count' AS unit, 1.0 AS x FROM person
    UNION ALL SELECT scenario_key, 2, 'Age at the end of the data', 'mean', age FROM person WHERE age IS NOT NULL
    UNION ALL SELECT scenario_key, 3, 'Women', 'percent', CASE WHEN gender = 'F' THEN 100.0 ELSE 0 END FROM person WHERE gender IN ('F', 'M')
    UNION ALL SELECT scenario_key, 4, 'Age 65 and older', 'percent', CASE WHEN age >= 65 THEN 100.0 ELSE 0 END FROM person WHERE age IS NOT NULL
    UNION ALL SELECT scenario_key, 5, 'Deceased', 'percent', 100.0 * is_deceased FROM person
    UNION ALL SELECT scenario_key, 6, 'Members', 'percent', 100.0 * is_member FROM person
    UNION ALL
    SELECT p.scenario_key, 10 + c.condition_group_key, c.name, 'percent', CASE WHEN f.person_key IS NULL THEN 0 ELSE 100.0 END
    FROM person AS p
    CROSS JOIN analytics.dim_condition_group AS c
    LEFT JOIN analytics.fact_person_condition AS f ON f.scenario_key = p.scenario_key AND f.person_key = p.person_key
        AND f.condition_group_key = c.condition_group_key AND f.scenario_key IN ($scenario, $other)
    WHERE c.condition_group_key > 0
    UNION ALL SELECT scenario_key, 90, 'Paid per covered month, USD', 'mean', 1.0 * paid / months FROM cost WHERE months > 0
    UNION ALL SELECT scenario_key, 91, 'Emergency visits per covered year', 'mean', 12.0 * visits / months FROM cost WHERE months > 0
    UNION ALL SELECT scenario_key, 92, 'Admissions per covered year', 'mean', 12.0 * stays / months FROM cost WHERE months > 0
), summed AS (
    SELECT
        place, characteristic, unit,
        count(*) FILTER (WHERE scenario_key = $scenario) AS n1, count(*) FILTER (WHERE scenario_key = $other) AS n2,
        avg(x) FILTER (WHERE scenario_key = $scenario) AS m1, avg(x) FILTER (WHERE scenario_key = $other) AS m2,
        var_pop(x) FILTER (WHERE scenario_key = $scenario) AS v1, var_pop(x) FILTER (WHERE scenario_key = $other) AS v2
    FROM values_of
    GROUP BY place, characteristic, unit
)
SELECT
    characteristic, unit,
    CASE WHEN unit = 'count' THEN n1 ELSE m1 END AS "first", CASE WHEN unit = 'count' THEN n2 ELSE m2 END AS "second",
    CASE WHEN unit = 'count' THEN n2 - n1 ELSE m2 - m1 END AS difference,
    CASE WHEN unit <> 'count' THEN (m2 - m1) / nullif(sqrt((v1 + v2) / 2), 0) END AS standardized_difference
FROM summed
ORDER BY place
