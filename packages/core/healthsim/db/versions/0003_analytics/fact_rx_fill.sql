-- One row per pharmacy claim.
CREATE TABLE analytics.fact_rx_fill (
    scenario_key INTEGER,                -- the scenario
    person_key INTEGER,                  -- who
    drug_key INTEGER,                    -- what
    pharmacy_key INTEGER,                -- where
    prescriber_provider_key INTEGER,     -- who wrote it
    coverage_key INTEGER,                -- medical coverage on the day; -2 when not covered
    plan_key INTEGER,                    -- plan of that coverage, else the plan that the pharmacy member names
    claim_status_key INTEGER,            -- pharmacy x status x reject code
    geography_key INTEGER,               -- county of residence
    age_band_key INTEGER,                -- age on the day
    service_date_key INTEGER,            -- day of the fill
    paid_date_key INTEGER,               -- day of payment; -2 when not
    service_date DATE,                   -- day of the fill
    supply_end_date DATE,                -- last day that the supply lasts
    service_month INTEGER,               -- yyyymm
    pharmacy_claim_id VARCHAR,           -- degenerate
    prescription_id VARCHAR,             -- degenerate
    fill_number INTEGER,                 -- 0 for the first fill
    daw_code VARCHAR,                    -- dispense as written
    quantity DECIMAL(14,2),              -- dispensed
    days_supply INTEGER,                 -- days
    ingredient_cost DECIMAL(14,2),       -- as on the claim, whatever its status, USD
    dispensing_fee DECIMAL(14,2),        -- as on the claim
    gross_amount DECIMAL(14,2),          -- as on the claim
    plan_paid_amount DECIMAL(14,2),      -- as on the claim
    member_amount DECIMAL(14,2),         -- as on the claim
    net_plan_paid_amount DECIMAL(14,2),  -- plan paid, of paid claims: what cost metrics sum
    net_member_amount DECIMAL(14,2),     -- patient paid, of paid claims
    claim_count INTEGER,                 -- 1
    fill_count INTEGER,                  -- 1 when paid
    rejected_count INTEGER,              -- 1 when rejected
    reversed_count INTEGER,              -- 1 when reversed
    generic_fill_count INTEGER,          -- 1 when paid and generic
    brand_fill_count INTEGER,            -- 1 when paid and brand
    enrolled_count INTEGER               -- 1 when covered by a medical plan or as a pharmacy member on the day
);
