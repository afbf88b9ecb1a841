-- One row per authorization (medical) and prior authorization (pharmacy).
CREATE TABLE analytics.fact_prior_auth (
    scenario_key INTEGER,        -- the scenario
    person_key INTEGER,          -- for whom
    plan_key INTEGER,            -- plan of the coverage on the day of the request; -2 when not covered
    provider_key INTEGER,        -- of a medical authorization; -2 for pharmacy
    drug_key INTEGER,            -- of a pharmacy authorization; -2 for medical
    procedure_key INTEGER,       -- of a medical authorization; -2 for pharmacy
    age_band_key INTEGER,        -- age at request
    request_date_key INTEGER,    -- asked
    decision_date_key INTEGER,   -- decided; -2 when not yet
    request_date DATE,           -- asked
    decision_date DATE,          -- decided
    authorization_type VARCHAR,  -- medical or pharmacy
    authorization_id VARCHAR,    -- degenerate: authorization_id or prior_auth_id
    status VARCHAR,              -- as recorded, lower case
    denial_reason VARCHAR,       -- as recorded
    request_count INTEGER,       -- 1
    approved_count INTEGER,      -- 1 when approved
    denied_count INTEGER,        -- 1 when denied
    pending_count INTEGER,       -- 1 when not decided
    days_to_decision INTEGER     -- request to decision
);
