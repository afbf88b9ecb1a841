-- Health plans of a scenario; a plan that only members name has its code and payer.
-- kind: scoped
-- natural key: plan_id
-- how: Plans that are declared, and those that only members and pharmacy members name.
-- columns:
--   plan_id VARCHAR: the plan, else the code that members name
--   plan_code VARCHAR: plan code
--   plan_name VARCHAR: plan name
--   payer_name VARCHAR: who pays
--   plan_type VARCHAR: HMO, PPO, EPO, POS, HDHP
--   line_of_business VARCHAR: commercial, medicare, medicaid, exchange
--   metal_level VARCHAR: bronze, silver, gold, platinum
--   formulary_id VARCHAR: formulary
--   deductible_individual DECIMAL(14,2): USD a year
--   deductible_family DECIMAL(14,2): USD a year
--   oop_max_individual DECIMAL(14,2): USD a year
--   oop_max_family DECIMAL(14,2): USD a year
--   copay_pcp DECIMAL(14,2): USD a visit
--   copay_specialist DECIMAL(14,2): USD a visit
--   copay_er DECIMAL(14,2): USD a visit
--   coinsurance_pct DOUBLE: as recorded
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
