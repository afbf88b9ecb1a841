-- One row per ingredient: the first drug of a therapeutic class after the first diagnosis of a condition, within a year.
WITH patient AS (
    SELECT f.person_key, f.first_date
    FROM analytics.fact_person_condition AS f
    JOIN analytics.dim_condition_group AS c ON c.condition_group_key = f.condition_group_key
    WHERE f.scenario_key = $scenario AND c.condition_group = $condition
), taken AS (
    SELECT person_key, drug_key, start_date AS day FROM analytics.fact_medication_order WHERE scenario_key = $scenario
    UNION ALL
    SELECT person_key, drug_key, service_date FROM analytics.fact_rx_fill WHERE scenario_key = $scenario AND fill_count = 1
), first_drug AS (
    SELECT
        p.person_key, x.ingredient, t.day - p.first_date AS days,
        row_number() OVER (PARTITION BY p.person_key ORDER BY t.day, x.ingredient) AS place
    FROM patient AS p
    JOIN taken AS t ON t.person_key = p.person_key AND t.day BETWEEN p.first_date AND p.first_date + 365
    JOIN analytics.dim_drug AS x ON x.drug_key = t.drug_key
    WHERE x.therapeutic_class = $therapeutic_class
), everybody AS (
    SELECT count(*) AS persons FROM patient
), listed AS (
    SELECT ingredient, count(*) AS persons, median(days) AS median_days FROM first_drug WHERE place = 1 GROUP BY ingredient
    UNION ALL
    SELECT 'none within a year', e.persons - (SELECT count(*) FROM first_drug WHERE place = 1), NULL
    FROM everybody AS e WHERE e.persons > 0
)
SELECT l.ingredient AS first_drug, l.persons, 100.0 * l.persons / nullif(e.persons, 0) AS percent_of_persons, l.median_days AS median_days_to_start
FROM listed AS l
CROSS JOIN everybody AS e
ORDER BY l.ingredient = 'none within a year', l.persons DESC, l.ingredient
