-- Health plans of a scenario; a plan that only members name has its code and payer.
CREATE TABLE analytics.dim_plan (
    plan_key INTEGER,                     -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,                 -- the scenario
    plan_id VARCHAR,                      -- the plan, else the code that members name
    plan_code VARCHAR,                    -- plan code
    plan_name VARCHAR,                    -- plan name
    payer_name VARCHAR,                   -- who pays
    plan_type VARCHAR,                    -- HMO, PPO, EPO, POS, HDHP
    line_of_business VARCHAR,             -- commercial, medicare, medicaid, exchange
    metal_level VARCHAR,                  -- bronze, silver, gold, platinum
    formulary_id VARCHAR,                 -- formulary
    deductible_individual DECIMAL(14,2),  -- USD a year
    deductible_family DECIMAL(14,2),      -- USD a year
    oop_max_individual DECIMAL(14,2),     -- USD a year
    oop_max_family DECIMAL(14,2),         -- USD a year
    copay_pcp DECIMAL(14,2),              -- USD a visit
    copay_specialist DECIMAL(14,2),       -- USD a visit
    copay_er DECIMAL(14,2),               -- USD a visit
    coinsurance_pct DOUBLE                -- as recorded
);
