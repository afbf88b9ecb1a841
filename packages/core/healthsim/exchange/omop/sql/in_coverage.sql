-- one row per span of coverage
SELECT
    c.payer_plan_period_id::VARCHAR AS member_id, p.patient_id, c.payer_source_value AS payer_name,
    c.plan_source_value AS plan_code, c.family_source_value AS subscriber_id, c.sponsor_source_value AS group_id,
    c.payer_plan_period_start_date AS coverage_start, c.payer_plan_period_end_date AS coverage_end, c.doc
FROM cdm.payer_plan_period AS c
LEFT JOIN key_person AS p ON p.number = c.person_id
