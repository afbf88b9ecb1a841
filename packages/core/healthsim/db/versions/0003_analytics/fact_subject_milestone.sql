-- One row per subject of a trial: the funnel from consent to completion.
CREATE TABLE analytics.fact_subject_milestone (
    scenario_key INTEGER,                     -- the scenario
    person_key INTEGER,                       -- who
    study_key INTEGER,                        -- study
    site_key INTEGER,                         -- site
    arm_key INTEGER,                          -- arm; -2 when not randomized
    age_band_key INTEGER,                     -- age at consent, else at screening
    consent_date_key INTEGER,                 -- consent; -2 when not reached (all of these)
    screening_date_key INTEGER,               -- screening
    randomization_date_key INTEGER,           -- randomization
    first_dose_date_key INTEGER,              -- first exposure
    completion_date_key INTEGER,              -- completion
    discontinuation_date_key INTEGER,         -- discontinuation
    consent_date DATE,                        -- consent
    screening_date DATE,                      -- screening
    randomization_date DATE,                  -- randomization
    first_dose_date DATE,                     -- first exposure
    completion_date DATE,                     -- completion
    discontinuation_date DATE,                -- discontinuation
    subject_id VARCHAR,                       -- degenerate
    usubjid VARCHAR,                          -- degenerate
    subject_status VARCHAR,                   -- as recorded, lower case
    discontinuation_reason VARCHAR,           -- as recorded
    subject_count INTEGER,                    -- 1
    consented_count INTEGER,                  -- 1 when consented
    screened_count INTEGER,                   -- 1 when screened
    screen_failure_count INTEGER,             -- 1 when screened and not randomized and the status says so
    randomized_count INTEGER,                 -- 1 when randomized
    treated_count INTEGER,                    -- 1 with at least one exposure
    completed_count INTEGER,                  -- 1 when completed
    discontinued_count INTEGER,               -- 1 when discontinued after randomization
    ongoing_count INTEGER,                    -- 1 when randomized, neither completed nor discontinued
    days_screening_to_randomization INTEGER,  -- days
    days_on_study INTEGER                     -- randomization (else first dose) to completion, discontinuation or the end of the scenario's data, both days counted: subject-time
);
