-- One row per diagnosis code of a claim; those of one claim share it by weights that sum to 1.
CREATE TABLE analytics.bridge_claim_diagnosis (
    scenario_key INTEGER,      -- the scenario
    person_key INTEGER,        -- the member
    diagnosis_key INTEGER,     -- the diagnosis
    service_date_key INTEGER,  -- first day of service
    service_date DATE,         -- the same
    claim_id VARCHAR,          -- degenerate
    sequence_number INTEGER,   -- 1 principal, 2 the others
    is_principal INTEGER,      -- 1 for the principal diagnosis
    weight DOUBLE              -- 1 / different codes of the claim
);
