-- One row per county and condition: adults who have it, beside the published estimate of PLACES and its interval.
WITH adult AS (
    SELECT p.person_key, p.geography_key
    FROM analytics.dim_person AS p
    JOIN analytics.dim_scenario AS s ON s.scenario_key = p.scenario_key
    WHERE p.scenario_key = $scenario AND p.birth_date <= s.data_end_date - INTERVAL 18 YEAR
        AND (p.is_deceased = 0 OR p.death_date > s.data_end_date)
), county AS (
    SELECT geography_key, count(*) AS adults FROM adult WHERE geography_key > 0 GROUP BY geography_key
), sick AS (
    SELECT a.geography_key, f.condition_group_key, count(*) AS cases
    FROM analytics.fact_person_condition AS f
    JOIN adult AS a ON a.person_key = f.person_key
    WHERE f.scenario_key = $scenario
    GROUP BY a.geography_key, f.condition_group_key
), published AS (
    -- the newest release that has the figure; the starter set comes last
    SELECT geography_key, measure_key, "value", value_low AS low, value_high AS high, "release"
    FROM analytics.fact_population_measure
    WHERE "value" IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY geography_key, measure_key ORDER BY "release" = 'starter', "release" DESC) = 1
), compared AS (
    SELECT
        g.name AS county, c.name AS condition, county.adults, coalesce(k.cases, 0) AS cases,
        1.0 * coalesce(k.cases, 0) / county.adults AS share, u."value", u.low, u.high, u."release"
    FROM county
    JOIN analytics.dim_geography AS g ON g.geography_key = county.geography_key
    JOIN analytics.dim_condition_group AS c ON c.measure_key > 0
    JOIN published AS u ON u.geography_key = county.geography_key AND u.measure_key = c.measure_key
    LEFT JOIN sick AS k ON k.geography_key = county.geography_key AND k.condition_group_key = c.condition_group_key
), ranged AS (
    -- what chance allows: the interval of Wilson, 95 %
    SELECT *,
        100 * ((share + 1.9208 / adults) - 1.96 * sqrt(share * (1 - share) / adults + 0.9604 / adults / adults)) / (1 + 3.8416 / adults) AS chance_low,
        100 * ((share + 1.9208 / adults) + 1.96 * sqrt(share * (1 - share) / adults + 0.9604 / adults / adults)) / (1 + 3.8416 / adults) AS chance_high
    FROM compared
)
SELECT
    county, condition, adults, cases, 100.0 * share AS prevalence, chance_low, chance_high,
    "value" AS places, low AS places_low, high AS places_high,
    CASE WHEN 100.0 * share BETWEEN low AND high THEN 'yes' ELSE 'no' END AS in_interval,
    CASE WHEN chance_low <= high AND chance_high >= low THEN 'yes' ELSE 'no' END AS agrees, "release"
FROM ranged
ORDER BY county, condition
