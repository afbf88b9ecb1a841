-- One row per pair of conditions: persons who have both, and how much more often than chance would have it.
WITH sick AS (
    SELECT DISTINCT person_key, condition_group_key
    FROM analytics.fact_person_condition
    WHERE scenario_key = $scenario AND person_key > 0
), single AS (
    SELECT condition_group_key, count(*) AS persons FROM sick GROUP BY condition_group_key
), everybody AS (
    SELECT count(*) AS persons FROM analytics.dim_person WHERE scenario_key = $scenario
), pair AS (
    SELECT a.condition_group_key AS one, b.condition_group_key AS other, count(*) AS persons
    FROM sick AS a
    JOIN sick AS b ON b.person_key = a.person_key AND b.condition_group_key > a.condition_group_key
    GROUP BY a.condition_group_key, b.condition_group_key
)
SELECT
    c.name AS condition, d.name AS with_condition, p.persons, s.persons AS persons_condition, t.persons AS persons_with_condition,
    100.0 * p.persons / nullif(s.persons, 0) AS percent_of_condition,
    1.0 * p.persons * e.persons / nullif(1.0 * s.persons * t.persons, 0) AS observed_to_expected
FROM pair AS p
JOIN single AS s ON s.condition_group_key = p.one
JOIN single AS t ON t.condition_group_key = p.other
JOIN analytics.dim_condition_group AS c ON c.condition_group_key = p.one
JOIN analytics.dim_condition_group AS d ON d.condition_group_key = p.other
CROSS JOIN everybody AS e
ORDER BY p.persons DESC, condition, with_condition
LIMIT $top
