-- One row per primary care provider: who belongs to the panel, and what the panel needs.
WITH ended AS (
    SELECT scenario_key, {day_key(data_end_date)} AS end_key
    FROM analytics.dim_scenario
    WHERE scenario_key = $scenario
), panel AS (
    SELECT p.primary_care_provider_key AS provider_key, p.person_key, p.gender,
        CASE WHEN p.birth_date_key BETWEEN 0 AND s.end_key THEN {years_between(p.birth_date_key, s.end_key)} END AS age
    FROM analytics.dim_person AS p
    JOIN ended AS s ON s.scenario_key = p.scenario_key
    WHERE p.scenario_key = $scenario
), sick AS (
    SELECT person_key, count(*) AS conditions FROM analytics.fact_person_condition WHERE scenario_key = $scenario GROUP BY person_key
), visited AS (
    SELECT person_key, sum(outpatient_count + virtual_count) AS visits, sum(emergency_count - ed_stay_count) AS emergency
    FROM analytics.fact_encounter WHERE scenario_key = $scenario GROUP BY person_key
)
SELECT
    coalesce(d.name, 'none') AS pcp, coalesce(d.specialty, '') AS specialty, count(*) AS persons, avg(p.age) AS mean_age,
    100.0 * count(*) FILTER (WHERE p.gender = 'F') / count(*) AS women_percent,
    1.0 * coalesce(sum(k.conditions), 0) / count(*) AS conditions_per_person,
    1.0 * coalesce(sum(v.visits), 0) / count(*) AS visits_per_person,
    1.0 * coalesce(sum(v.emergency), 0) / count(*) AS ed_visits_per_person
FROM panel AS p
LEFT JOIN analytics.dim_provider AS d ON d.provider_key = p.provider_key
LEFT JOIN sick AS k ON k.person_key = p.person_key
LEFT JOIN visited AS v ON v.person_key = p.person_key
GROUP BY p.provider_key, coalesce(d.name, 'none'), coalesce(d.specialty, '')
ORDER BY persons DESC, pcp
LIMIT $top
