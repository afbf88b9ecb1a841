-- Plans that are declared, and those that only members and pharmacy members name.
WITH named AS (
    SELECT coalesce(plan_id, plan_code) AS plan_id, max(plan_code) AS plan_code, max(payer_name) AS payer_name
    FROM (
        SELECT plan_id, plan_code, payer_name FROM members
        UNION ALL SELECT NULL, plan_code, NULL FROM rx_members
    ) AS naming
    WHERE coalesce(plan_id, plan_code) IS NOT NULL
    GROUP BY coalesce(plan_id, plan_code)
)
SELECT
    plan_id, plan_code, plan_name, payer_name, plan_type, line_of_business, metal_level, formulary_id,
    deductible_individual, deductible_family, oop_max_individual, oop_max_family,
    copay_pcp, copay_specialist, copay_er, coinsurance_pct
FROM plans
UNION ALL
SELECT n.plan_id, n.plan_code, NULL, n.payer_name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM named AS n
WHERE NOT EXISTS (SELECT 1 FROM plans AS p WHERE p.plan_id = n.plan_id OR p.plan_code = n.plan_id)
