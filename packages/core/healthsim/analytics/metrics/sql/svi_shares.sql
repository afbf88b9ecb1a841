-- One row per county and characteristic: the share among the scenario's living people, beside SVI's of the residents.
WITH ended AS (
    SELECT scenario_key, data_end_date, {day_key(data_end_date)} AS end_key
    FROM analytics.dim_scenario
    WHERE scenario_key = $scenario
), person AS (
    SELECT
        p.geography_key, p.race, p.ethnicity,
        CASE WHEN p.birth_date_key BETWEEN 0 AND s.end_key THEN {years_between(p.birth_date_key, s.end_key)} END AS age
    FROM analytics.dim_person AS p
    JOIN ended AS s ON s.scenario_key = p.scenario_key
    WHERE p.scenario_key = $scenario AND p.geography_key > 0
        AND (p.is_deceased = 0 OR p.death_date > s.data_end_date)
), shares AS (
    SELECT geography_key, 'EP_AGE65' AS variable, 'Age 65 and older' AS characteristic, count(*) AS persons,
        100.0 * count(*) FILTER (WHERE age >= 65) / count(*) AS share
    FROM person WHERE age IS NOT NULL GROUP BY geography_key
    UNION ALL
    SELECT geography_key, 'EP_AGE17', 'Age 17 and younger', count(*), 100.0 * count(*) FILTER (WHERE age <= 17) / count(*)
    FROM person WHERE age IS NOT NULL GROUP BY geography_key
    UNION ALL
    SELECT geography_key, 'EP_MINRTY', 'Minority (not white alone, or Hispanic)', count(*),
        100.0 * count(*) FILTER (
            WHERE lower(race) NOT LIKE '%white%'
                OR (lower(ethnicity) LIKE '%hispanic%' AND lower(ethnicity) NOT LIKE '%not%' AND lower(ethnicity) NOT LIKE '%non%')
        ) / count(*)
    FROM person WHERE race IS NOT NULL GROUP BY geography_key
)
SELECT
    g.name AS county, s.characteristic, s.variable, s.persons, s.share AS "first", v."value" AS "second",
    s.share - v."value" AS difference, v."release"
FROM shares AS s
JOIN analytics.dim_geography AS g ON g.geography_key = s.geography_key
JOIN reference.svi AS v ON v.geoid = g.geoid AND v."level" = 'county' AND v.variable = s.variable
WHERE v."value" >= 0
QUALIFY row_number() OVER (PARTITION BY g.geoid, s.variable ORDER BY v."release" = 'starter', v."release" DESC) = 1
ORDER BY county, s.variable
