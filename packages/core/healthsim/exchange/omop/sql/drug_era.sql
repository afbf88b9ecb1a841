-- Spans of exposure to the same ingredient with at most 30 days between exposures.
WITH exposure AS (
    SELECT
        d.person_id, a.ancestor_concept_id AS concept_id, d.drug_exposure_start_date AS start_date,
        d.drug_exposure_end_date AS end_date
    FROM {cdm}.drug_exposure AS d
    JOIN {cdm}.concept_ancestor AS a ON a.descendant_concept_id = d.drug_concept_id
    JOIN {cdm}.concept AS c
        ON c.concept_id = a.ancestor_concept_id AND c.concept_class_id = 'Ingredient' AND c.standard_concept = 'S'
        AND c.vocabulary_id IN ('RxNorm', 'RxNorm Extension')
    WHERE d.drug_concept_id <> 0
),
marked AS (
    SELECT
        *,
        max(end_date) OVER (
            PARTITION BY person_id, concept_id ORDER BY start_date, end_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until
    FROM exposure
),
numbered AS (
    SELECT
        *,
        sum(CASE WHEN start_date > 30 + until THEN 1 ELSE 0 END) OVER (
            PARTITION BY person_id, concept_id ORDER BY start_date, end_date ROWS UNBOUNDED PRECEDING
        ) AS era,
        CASE WHEN start_date <= 30 + until THEN greatest(0, start_date - until - 1) ELSE 0 END AS gap
    FROM marked
)
SELECT
    row_number() OVER (ORDER BY person_id, concept_id, min(start_date)) AS drug_era_id,
    person_id,
    concept_id AS drug_concept_id,
    min(start_date) AS drug_era_start_date,
    max(end_date) AS drug_era_end_date,
    count(*) AS drug_exposure_count,
    sum(gap) AS gap_days
FROM numbered
GROUP BY person_id, concept_id, era
