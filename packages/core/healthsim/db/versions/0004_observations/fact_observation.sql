-- One row per result: labs, and each value of a set of vital signs.
CREATE TABLE analytics.fact_observation_next (
    scenario_key INTEGER,                           -- the scenario
    person_key INTEGER,                             -- the patient
    observation_type_key INTEGER,                   -- what was measured, in which unit
    ordering_provider_key INTEGER,                  -- who ordered a lab; -2 for vital signs
    age_band_key INTEGER,                           -- age on the day
    observed_date_key INTEGER,                      -- day of collection or observation
    observed_date DATE,                             -- the same
    observed_datetime TIMESTAMP,                    -- the same (UTC)
    value_numeric DOUBLE,                           -- the value
    value_text VARCHAR,                             -- a value that is no number
    abnormal_flag VARCHAR,                          -- as recorded
    observation_id VARCHAR USING COMPRESSION zstd,  -- degenerate: lab_result_id or vital_sign_id
    encounter_id VARCHAR,                           -- degenerate
    result_count INTEGER,                           -- 1
    vital_sign_count INTEGER,                       -- 1 for a vital sign, 0 for a laboratory result
    abnormal_count INTEGER,                         -- 1 when flagged abnormal, or outside its reference range
    low_count INTEGER,                              -- 1 when below its reference range
    high_count INTEGER                              -- 1 when above its reference range
);
INSERT INTO analytics.fact_observation_next BY NAME
SELECT * EXCLUDE (unit, observation_source), CASE WHEN observation_source = 'vital_sign' THEN 1 ELSE 0 END AS vital_sign_count
FROM analytics.fact_observation;
DROP TABLE analytics.fact_observation;
ALTER TABLE analytics.fact_observation_next RENAME TO fact_observation;
