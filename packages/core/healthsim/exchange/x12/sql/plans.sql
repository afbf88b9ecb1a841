-- One row per key by which a plan is named, its id or its code: the plan, its payer, and how claims call the kind of coverage.
WITH keyed AS (
    SELECT plan_id AS plan_key, 1 AS preference, * FROM plans WHERE plan_id IS NOT NULL
    UNION ALL
    SELECT plan_code AS plan_key, 2 AS preference, * FROM plans WHERE plan_code IS NOT NULL
)
SELECT
    plan_key, plan_name, plan_type, lower(line_of_business) AS line_of_business, payer_name, payer_id, payer_phone,
    payer_address_line1, payer_city, payer_state, payer_postal_code, deductible_individual, deductible_family,
    oop_max_individual, oop_max_family, copay_pcp, copay_specialist, copay_er, coinsurance_pct
FROM keyed
QUALIFY row_number() OVER (PARTITION BY plan_key ORDER BY preference, plan_id) = 1
