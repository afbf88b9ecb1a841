-- Clinical trials of a scenario.
CREATE TABLE analytics.dim_study (
    study_key INTEGER,          -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,       -- the scenario
    study_id VARCHAR,           -- the study
    protocol_number VARCHAR,    -- protocol
    protocol_title VARCHAR,     -- title
    phase VARCHAR,              -- phase
    therapeutic_area VARCHAR,   -- area
    indication VARCHAR,         -- indication
    sponsor VARCHAR,            -- sponsor
    status VARCHAR,             -- status
    target_enrollment INTEGER,  -- planned subjects
    start_date DATE,            -- start
    end_date DATE               -- end
);
