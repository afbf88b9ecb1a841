-- One row per person, plan and calendar month with at least one day of coverage.
CREATE TABLE analytics.fact_member_month (
    scenario_key INTEGER,                  -- the scenario
    person_key INTEGER,                    -- the member
    coverage_key INTEGER,                  -- the last span of the plan in the month
    plan_key INTEGER,                      -- the plan
    pcp_provider_key INTEGER,              -- of that span
    geography_key INTEGER,                 -- county of residence
    age_band_key INTEGER,                  -- age on the first of the month
    month_date_key INTEGER,                -- first of the month, yyyymm01
    month_start DATE,                      -- the same
    year_month INTEGER,                    -- yyyymm
    member_months INTEGER,                 -- 1
    person_months INTEGER,                 -- 1 for one plan of the person's month (the one of the latest span), 0 for others: their sum counts nobody twice
    covered_days INTEGER,                  -- days of the month that are covered
    medical_paid_amount DECIMAL(14,2),     -- net paid of enrolled claims whose service starts in the month, USD
    medical_allowed_amount DECIMAL(14,2),  -- net allowed of the same
    medical_member_amount DECIMAL(14,2),   -- net member's part of the same
    rx_paid_amount DECIMAL(14,2),          -- net plan paid of fills in the month
    rx_allowed_amount DECIMAL(14,2),       -- plan paid + patient paid of the same
    rx_member_amount DECIMAL(14,2),        -- patient paid of the same
    total_paid_amount DECIMAL(14,2),       -- medical + pharmacy
    total_allowed_amount DECIMAL(14,2),    -- medical + pharmacy
    claim_count INTEGER,                   -- medical claims that are not denied, pended or reversed
    fill_count INTEGER,                    -- paid fills
    emergency_visits INTEGER,              -- encounters of class emergency that start in the month
    admissions INTEGER,                    -- inpatient encounters that start in the month
    bed_days INTEGER,                      -- nights of these
    office_visits INTEGER                  -- outpatient, virtual and home encounters
);
