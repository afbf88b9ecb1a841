-- One row per medical claim, with the days of its way: service, received, adjudicated, paid.
CREATE TABLE analytics.fact_claim (
    scenario_key INTEGER,              -- the scenario
    person_key INTEGER,                -- the member
    coverage_key INTEGER,              -- coverage on the first day of service, else the span that the claim names
    plan_key INTEGER,                  -- plan of that coverage
    claim_status_key INTEGER,          -- type, status, denial
    billing_provider_key INTEGER,      -- who bills
    rendering_provider_key INTEGER,    -- who served
    facility_key INTEGER,              -- where
    principal_diagnosis_key INTEGER,   -- why
    geography_key INTEGER,             -- county of residence
    age_band_key INTEGER,              -- age on the first day of service
    service_date_key INTEGER,          -- first day of service
    service_end_date_key INTEGER,      -- last day of service
    received_date_key INTEGER,         -- received by the payer; -2 when not yet
    adjudicated_date_key INTEGER,      -- decided; -2 when not yet
    paid_date_key INTEGER,             -- paid; -2 when not
    service_date DATE,                 -- first day of service
    service_end_date DATE,             -- last day of service
    received_date DATE,                -- received
    adjudicated_date DATE,             -- decided
    paid_date DATE,                    -- paid
    service_month INTEGER,             -- yyyymm of service_date: the month that the claim belongs to
    claim_id VARCHAR,                  -- degenerate
    encounter_id VARCHAR,              -- degenerate
    claim_type VARCHAR,                -- degenerate: professional, institutional, dental
    drg_code VARCHAR,                  -- degenerate
    place_of_service VARCHAR,          -- degenerate
    charge_amount DECIMAL(14,2),       -- as on the claim, whatever its status, USD
    allowed_amount DECIMAL(14,2),      -- as on the claim
    paid_amount DECIMAL(14,2),         -- as on the claim
    member_amount DECIMAL(14,2),       -- as on the claim
    net_allowed_amount DECIMAL(14,2),  -- allowed, of paid claims; 0 for denied, pended, reversed
    net_paid_amount DECIMAL(14,2),     -- paid, of paid claims: what cost metrics sum
    net_member_amount DECIMAL(14,2),   -- member's part, of paid claims
    denied_amount DECIMAL(14,2),       -- charges of denied claims
    claim_count INTEGER,               -- 1
    paid_count INTEGER,                -- 1 when paid
    denied_count INTEGER,              -- 1 when denied
    pended_count INTEGER,              -- 1 when pended
    reversed_count INTEGER,            -- 1 when reversed
    adjudicated_count INTEGER,         -- 1 when paid or denied: the base of the denial rate
    enrolled_count INTEGER,            -- 1 when covered on the first day of service
    line_count INTEGER,                -- its lines
    days_to_receive INTEGER,           -- service_end_date to received
    days_to_adjudicate INTEGER,        -- received to adjudicated
    days_to_pay INTEGER,               -- adjudicated to paid
    days_service_to_paid INTEGER,      -- first day of service to paid
    months_service_to_paid INTEGER     -- calendar months from service to payment (claim lag triangle)
);
