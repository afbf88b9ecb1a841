-- One row per ambulatory-care-sensitive condition: emergency visits that good primary care may avoid.
WITH visit AS (
    SELECT f.emergency_count, f.ambulatory_care_sensitive_count, x.acs_condition, f.paid_amount
    FROM analytics.fact_encounter AS f
    LEFT JOIN analytics.dim_diagnosis AS x ON x.diagnosis_key = f.principal_diagnosis_key
    WHERE f.scenario_key = $scenario AND f.emergency_count = 1
)
SELECT
    CASE WHEN ambulatory_care_sensitive_count = 1 THEN coalesce(acs_condition, 'Unknown') ELSE 'not sensitive' END AS condition,
    count(*) AS ed_visits, 100.0 * count(*) / nullif(sum(count(*)) OVER (), 0) AS percent_of_ed_visits,
    sum(paid_amount) AS paid, 1.0 * sum(paid_amount) / count(*) AS paid_per_visit
FROM visit
GROUP BY 1, ambulatory_care_sensitive_count
ORDER BY ambulatory_care_sensitive_count DESC, ed_visits DESC, condition
