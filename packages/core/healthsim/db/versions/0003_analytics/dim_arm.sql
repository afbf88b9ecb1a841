-- Treatment arms of trials.
CREATE TABLE analytics.dim_arm (
    arm_key INTEGER,           -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,      -- the scenario
    study_key INTEGER,         -- the study
    treatment_arm_id VARCHAR,  -- the arm, else the code that subjects name
    arm_code VARCHAR,          -- code
    arm_name VARCHAR,          -- name
    arm_type VARCHAR,          -- experimental, placebo ...
    is_control INTEGER         -- 1 for control arms
);
