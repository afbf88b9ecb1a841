-- One row per span of medical coverage.
SELECT
    payer_plan_period_id,
    person_id,
    start_date AS payer_plan_period_start_date,
    end_date AS payer_plan_period_end_date,
    0 AS payer_concept_id,
    left(payer, 50) AS payer_source_value,
    0 AS payer_source_concept_id,
    0 AS plan_concept_id,
    left(plan, 50) AS plan_source_value,
    0 AS plan_source_concept_id,
    0 AS sponsor_concept_id,
    left(sponsor, 50) AS sponsor_source_value,
    0 AS sponsor_source_concept_id,
    left(family, 50) AS family_source_value,
    0 AS stop_reason_concept_id,
    NULL AS stop_reason_source_value,
    0 AS stop_reason_source_concept_id
FROM stage_coverage
