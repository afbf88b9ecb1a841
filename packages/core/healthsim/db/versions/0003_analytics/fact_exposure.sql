-- One row per exposure to treatment.
CREATE TABLE analytics.fact_exposure (
    scenario_key INTEGER,         -- the scenario
    person_key INTEGER,           -- who
    study_key INTEGER,            -- study
    site_key INTEGER,             -- site
    arm_key INTEGER,              -- arm
    age_band_key INTEGER,         -- age at start
    start_date_key INTEGER,       -- start
    end_date_key INTEGER,         -- end; -2 while ongoing
    start_date DATE,              -- start
    end_date DATE,                -- end
    exposure_id VARCHAR,          -- degenerate
    subject_id VARCHAR,           -- degenerate
    treatment VARCHAR,            -- extrt
    dose DOUBLE,                  -- exdose
    dose_unit VARCHAR,            -- exdosu
    frequency VARCHAR,            -- exdosfrq
    route VARCHAR,                -- exroute
    exposure_count INTEGER,       -- 1
    dose_modified_count INTEGER,  -- 1 when the dose was modified
    exposure_days INTEGER         -- both days counted
);
