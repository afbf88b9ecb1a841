-- The spans in which a person is observed: coverage, the span of their care, and days of claims outside of both, merged.
-- What is told of the time before (allergies, drugs taken since long) belongs to no contact and makes no span. Who has
-- neither is observed on the last day of the scenario, or on the day of death.
WITH covered AS (
    SELECT person_id, start_date, end_date FROM stage_coverage
    UNION ALL
    SELECT
        r.person_id,
        x.effective_date,
        greatest(x.effective_date, least(coalesce(x.termination_date, e.day), e.day, coalesce(p.death_date, e.day)))
    FROM rx_members AS x
    JOIN stage_role AS r ON r.role = 'rx_member' AND r.id = x.rx_member_id
    JOIN stage_person AS p ON p.person_id = r.person_id
    CROSS JOIN stage_data_end AS e
    WHERE x.effective_date IS NOT NULL
),
event AS (
    SELECT person_id, start_date, end_date, kind <> 'claim' AS is_clinical FROM stage_visit
    UNION ALL
    SELECT
        person_id, start_date, CASE WHEN home = 'Drug' THEN start_date ELSE coalesce(end_date, start_date) END,
        type_concept_id NOT IN (32810, 32869)
    FROM stage_event
    WHERE visit_id IS NOT NULL OR kind IN ('procedure', 'lab', 'vital', 'prescription', 'fill')
),
span AS (
    SELECT person_id, start_date, end_date FROM covered
    UNION ALL
    SELECT person_id, min(start_date), max(end_date) FROM event WHERE is_clinical GROUP BY person_id
    UNION ALL
    SELECT DISTINCT person_id, start_date, end_date FROM event WHERE NOT is_clinical
    UNION ALL
    SELECT p.person_id, least(e.day, coalesce(p.death_date, e.day)), least(e.day, coalesce(p.death_date, e.day))
    FROM stage_person AS p
    CROSS JOIN stage_data_end AS e
    WHERE p.person_id IS NOT NULL
      AND p.person_id NOT IN (SELECT person_id FROM covered UNION SELECT person_id FROM event)
),
marked AS (
    SELECT
        *,
        start_date > 1 + max(end_date) OVER (
            PARTITION BY person_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS begins
    FROM span
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN begins THEN 1 ELSE 0 END) OVER (
            PARTITION BY person_id ORDER BY start_date, end_date ROWS UNBOUNDED PRECEDING
        ) AS period
    FROM marked
)
SELECT
    row_number() OVER (ORDER BY person_id, min(start_date)) AS observation_period_id,
    person_id,
    min(start_date) AS observation_period_start_date,
    max(end_date) AS observation_period_end_date,
    32880 AS period_type_concept_id
FROM numbered
GROUP BY person_id, period
