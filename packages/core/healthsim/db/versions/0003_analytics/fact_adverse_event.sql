-- One row per adverse event.
CREATE TABLE analytics.fact_adverse_event (
    scenario_key INTEGER,              -- the scenario
    person_key INTEGER,                -- who
    study_key INTEGER,                 -- study
    site_key INTEGER,                  -- site
    arm_key INTEGER,                   -- arm
    ae_term_key INTEGER,               -- what
    age_band_key INTEGER,              -- age at start
    start_date_key INTEGER,            -- start
    end_date_key INTEGER,              -- end; -2 while ongoing
    start_date DATE,                   -- start
    end_date DATE,                     -- end
    adverse_event_id VARCHAR,          -- degenerate
    subject_id VARCHAR,                -- degenerate
    severity VARCHAR,                  -- aesev, lower case
    toxicity_grade VARCHAR,            -- aetoxgr
    causality VARCHAR,                 -- aerel, lower case
    outcome VARCHAR,                   -- aeout, lower case
    action_taken VARCHAR,              -- aeacn, lower case
    event_count INTEGER,               -- 1
    first_event_count INTEGER,         -- 1 on the subject's first event of this term: subjects with the event
    serious_count INTEGER,             -- 1 when serious
    related_count INTEGER,             -- 1 when related to treatment
    severe_count INTEGER,              -- 1 when severe, or grade 3 and above
    fatal_count INTEGER,               -- 1 when fatal, or grade 5
    treatment_emergent_count INTEGER,  -- 1 when it began on or after the first exposure
    study_day INTEGER,                 -- days from first exposure, else randomization; day 1 is that day
    duration_days INTEGER              -- both days counted
);
