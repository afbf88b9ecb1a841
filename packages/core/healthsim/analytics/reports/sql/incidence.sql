-- One row per condition: new cases after a washout, per 1,000 person years at risk. The time at risk begins after the
-- washout from the scenario's first encounter or claim (or birth), and ends with the condition, death or the data.
WITH seen AS (
    SELECT min(start_date) AS first_day FROM analytics.fact_encounter WHERE scenario_key = $scenario
    UNION ALL SELECT min(service_date) FROM analytics.fact_claim WHERE scenario_key = $scenario
), period AS (
    SELECT min(e.first_day) + CAST($washout_days AS INTEGER) AS first_day, max(s.data_end_date) AS last_day
    FROM seen AS e
    JOIN analytics.dim_scenario AS s ON s.scenario_key = $scenario
), person AS (
    SELECT
        p.person_key, greatest(w.first_day, p.birth_date) AS enters,
        least(w.last_day, coalesce(p.death_date, w.last_day)) AS leaves
    FROM analytics.dim_person AS p
    CROSS JOIN period AS w
    -- of the dead it must be known how long they were at risk
    WHERE p.scenario_key = $scenario AND (p.is_deceased = 0 OR p.death_date IS NOT NULL)
), everybody AS (
    SELECT sum(leaves - enters + 1) AS days, count(*) AS persons FROM person WHERE leaves >= enters
), sick AS (
    SELECT
        f.condition_group_key, p.enters, p.leaves, f.first_date
    FROM analytics.fact_person_condition AS f
    JOIN person AS p ON p.person_key = f.person_key
    WHERE f.scenario_key = $scenario AND p.leaves >= p.enters AND f.first_date <= p.leaves
), counted AS (
    SELECT
        condition_group_key,
        count(*) FILTER (WHERE first_date < enters) AS before,
        count(*) FILTER (WHERE first_date >= enters) AS new_cases,
        -- who has it already is not at risk; a new case is at risk until it is one
        sum(CASE WHEN first_date < enters THEN leaves - enters + 1 ELSE leaves - first_date END) AS days_off
    FROM sick
    GROUP BY condition_group_key
)
SELECT
    c.name AS condition, coalesce(k.before, 0) AS prior_cases, coalesce(k.new_cases, 0) AS new_cases,
    e.persons - coalesce(k.before, 0) AS persons_at_risk,
    (e.days - coalesce(k.days_off, 0)) / 365.25 AS person_years,
    1000.0 * coalesce(k.new_cases, 0) / nullif((e.days - coalesce(k.days_off, 0)) / 365.25, 0) AS per_1000_person_years
FROM analytics.dim_condition_group AS c
CROSS JOIN everybody AS e
LEFT JOIN counted AS k ON k.condition_group_key = c.condition_group_key
WHERE c.condition_group_key > 0 AND e.days > 0
    AND EXISTS (SELECT 1 FROM analytics.fact_person_condition AS f WHERE f.scenario_key = $scenario)
ORDER BY per_1000_person_years DESC, condition
