-- One row per person and condition group that the person has a diagnosis of, in the clinical record or on a claim.
CREATE TABLE analytics.fact_person_condition (
    scenario_key INTEGER,         -- the scenario
    person_key INTEGER,           -- who
    condition_group_key INTEGER,  -- what
    geography_key INTEGER,        -- county of residence
    age_band_key INTEGER,         -- age at the first diagnosis
    first_date_key INTEGER,       -- first diagnosis
    last_date_key INTEGER,        -- last diagnosis
    first_date DATE,              -- first diagnosis
    last_date DATE,               -- last diagnosis
    person_count INTEGER,         -- 1
    diagnosis_count INTEGER,      -- clinical diagnoses
    claim_count INTEGER           -- claims
);
