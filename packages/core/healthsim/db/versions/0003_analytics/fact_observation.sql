-- One row per result: labs, and each value of a set of vital signs.
CREATE TABLE analytics.fact_observation (
    scenario_key INTEGER,           -- the scenario
    person_key INTEGER,             -- the patient
    observation_type_key INTEGER,   -- what was measured
    ordering_provider_key INTEGER,  -- who ordered a lab; -2 for vital signs
    age_band_key INTEGER,           -- age on the day
    observed_date_key INTEGER,      -- day of collection or observation
    observed_date DATE,             -- the same
    observed_datetime TIMESTAMP,    -- the same (UTC)
    value_numeric DOUBLE,           -- the value
    value_text VARCHAR,             -- a value that is no number
    unit VARCHAR,                   -- UCUM
    abnormal_flag VARCHAR,          -- as recorded
    observation_source VARCHAR,     -- lab_result or vital_sign
    observation_id VARCHAR,         -- degenerate: lab_result_id or vital_sign_id
    encounter_id VARCHAR,           -- degenerate
    result_count INTEGER,           -- 1
    abnormal_count INTEGER,         -- 1 when flagged abnormal, or outside its reference range
    low_count INTEGER,              -- 1 when below its reference range
    high_count INTEGER              -- 1 when above its reference range
);
