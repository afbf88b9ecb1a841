-- Type of claim x status x reason of denial. Shared.
CREATE TABLE analytics.dim_claim_status (
    claim_status_key INTEGER,    -- surrogate key; -1 unknown, -2 not applicable
    claim_type VARCHAR,          -- professional, institutional, dental, pharmacy
    status VARCHAR,              -- paid, denied, pended, reversed, rejected
    denial_reason_code VARCHAR,  -- CARC, or NCPDP reject code for pharmacy; empty when there is none
    denial_reason VARCHAR,       -- its meaning
    denial_group VARCHAR,        -- eligibility, authorization, coding, coverage, timely filing, duplicate, information, medical necessity, formulary, other
    is_paid INTEGER,             -- 1 for paid
    is_denied INTEGER            -- 1 for denied and rejected
);
