-- Spans of the same condition with at most 30 days between its records; unmapped conditions have no eras.
WITH occurrence AS (
    SELECT
        person_id, condition_concept_id AS concept_id, condition_start_date AS start_date,
        coalesce(condition_end_date, condition_start_date) AS end_date
    FROM {cdm}.condition_occurrence
    WHERE condition_concept_id <> 0
),
marked AS (
    SELECT
        *,
        start_date > 30 + max(end_date) OVER (
            PARTITION BY person_id, concept_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS begins
    FROM occurrence
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN begins THEN 1 ELSE 0 END) OVER (
            PARTITION BY person_id, concept_id ORDER BY start_date, end_date ROWS UNBOUNDED PRECEDING
        ) AS era
    FROM marked
)
SELECT
    row_number() OVER (ORDER BY person_id, concept_id, min(start_date)) AS condition_era_id,
    person_id,
    concept_id AS condition_concept_id,
    min(start_date) AS condition_era_start_date,
    max(end_date) AS condition_era_end_date,
    count(*) AS condition_occurrence_count
FROM numbered
GROUP BY person_id, concept_id, era
