-- One row per visit of a subject.
CREATE TABLE analytics.fact_trial_visit (
    scenario_key INTEGER,           -- the scenario
    person_key INTEGER,             -- who
    study_key INTEGER,              -- study
    site_key INTEGER,               -- site
    arm_key INTEGER,                -- arm
    age_band_key INTEGER,           -- age on the day
    visit_date_key INTEGER,         -- day
    visit_date DATE,                -- day
    trial_visit_id VARCHAR,         -- degenerate
    subject_id VARCHAR,             -- degenerate
    visit_num DECIMAL(14,2),        -- number of the visit
    visit_name VARCHAR,             -- name
    visit_status VARCHAR,           -- as recorded, lower case
    study_day INTEGER,              -- day of the study
    planned_day INTEGER,            -- of the schedule
    window_deviation_days INTEGER,  -- as recorded, else study_day - planned_day outside the window, 0 inside
    visit_count INTEGER,            -- 1
    completed_count INTEGER,        -- 1 when it took place
    missed_count INTEGER,           -- 1 when missed
    in_window_count INTEGER,        -- 1 when it took place within its window
    out_of_window_count INTEGER     -- 1 when it took place outside its window
);
