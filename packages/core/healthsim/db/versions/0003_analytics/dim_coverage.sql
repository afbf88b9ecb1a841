-- One row per span of coverage: what was true of a member from one day to another (slowly changing, type 2).
CREATE TABLE analytics.dim_coverage (
    coverage_key INTEGER,       -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,       -- the scenario
    person_key INTEGER,         -- who is covered
    plan_key INTEGER,           -- by which plan
    pcp_provider_key INTEGER,   -- primary care provider of the span
    member_id VARCHAR,          -- the span's record
    member_number VARCHAR,      -- the member's number, the same for all spans
    subscriber_id VARCHAR,      -- who holds the contract
    relationship_code VARCHAR,  -- to the subscriber
    group_id VARCHAR,           -- employer group
    coverage_status VARCHAR,    -- as recorded
    valid_from DATE,            -- first day covered
    valid_to DATE,              -- last day covered; 9999-12-31 when open
    is_current INTEGER          -- 1 for the person's last span
);
