-- One row per line of a medical claim.
CREATE TABLE analytics.fact_claim_line (
    scenario_key INTEGER,              -- the scenario
    person_key INTEGER,                -- the member
    coverage_key INTEGER,              -- as of its claim
    plan_key INTEGER,                  -- as of its claim
    claim_status_key INTEGER,          -- type and status of the line, else of its claim
    service_category_key INTEGER,      -- kind of service
    procedure_key INTEGER,             -- procedure; -2 when none is named
    billing_provider_key INTEGER,      -- as of its claim
    rendering_provider_key INTEGER,    -- as of its claim
    facility_key INTEGER,              -- as of its claim
    principal_diagnosis_key INTEGER,   -- as of its claim
    geography_key INTEGER,             -- county of residence
    age_band_key INTEGER,              -- age on the claim's first day of service
    service_date_key INTEGER,          -- day of the line, else the claim's first day
    service_date DATE,                 -- the same
    service_month INTEGER,             -- yyyymm of the claim's first day of service: the month that it belongs to
    claim_line_id VARCHAR,             -- degenerate
    claim_id VARCHAR,                  -- degenerate
    line_number INTEGER,               -- degenerate
    revenue_code VARCHAR,              -- degenerate
    place_of_service VARCHAR,          -- degenerate
    units DECIMAL(14,2),               -- units of service
    charge_amount DECIMAL(14,2),       -- as on the line, whatever its status, USD
    allowed_amount DECIMAL(14,2),      -- as on the line
    paid_amount DECIMAL(14,2),         -- as on the line
    deductible_amount DECIMAL(14,2),   -- as on the line
    copay_amount DECIMAL(14,2),        -- as on the line
    coinsurance_amount DECIMAL(14,2),  -- as on the line
    member_amount DECIMAL(14,2),       -- as on the line
    net_allowed_amount DECIMAL(14,2),  -- allowed, of paid lines of paid claims
    net_paid_amount DECIMAL(14,2),     -- paid, of paid lines of paid claims
    net_member_amount DECIMAL(14,2),   -- member's part, of paid lines of paid claims
    denied_amount DECIMAL(14,2),       -- charges of denied lines, and of all lines of denied claims
    line_count INTEGER,                -- 1
    denied_count INTEGER,              -- 1 when denied
    enrolled_count INTEGER             -- 1 when covered on the claim's first day of service
);
