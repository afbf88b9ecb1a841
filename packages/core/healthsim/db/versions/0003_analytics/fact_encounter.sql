-- One row per encounter.
CREATE TABLE analytics.fact_encounter (
    scenario_key INTEGER,                     -- the scenario
    person_key INTEGER,                       -- the patient
    encounter_type_key INTEGER,               -- class and type
    facility_key INTEGER,                     -- where
    attending_provider_key INTEGER,           -- who
    disposition_key INTEGER,                  -- how it ended; -2 unless inpatient, observation or emergency
    principal_diagnosis_key INTEGER,          -- its principal diagnosis, else the first one
    coverage_key INTEGER,                     -- coverage on the day it started; -2 when not covered
    plan_key INTEGER,                         -- plan of that coverage; -2 when not covered
    geography_key INTEGER,                    -- county of residence
    age_band_key INTEGER,                     -- age at start
    start_date_key INTEGER,                   -- day of start
    end_date_key INTEGER,                     -- day of end; -2 while open
    start_date DATE,                          -- day of start
    end_date DATE,                            -- day of end
    start_datetime TIMESTAMP,                 -- start (UTC)
    end_datetime TIMESTAMP,                   -- end (UTC)
    encounter_id VARCHAR,                     -- degenerate: the encounter
    encounter_class VARCHAR,                  -- degenerate: inpatient, outpatient, emergency, observation, virtual, home
    drg_code VARCHAR,                         -- degenerate: DRG
    encounter_count INTEGER,                  -- 1
    inpatient_count INTEGER,                  -- 1 for inpatient
    emergency_count INTEGER,                  -- 1 for emergency
    observation_count INTEGER,                -- 1 for observation
    outpatient_count INTEGER,                 -- 1 for outpatient
    virtual_count INTEGER,                    -- 1 for virtual
    home_count INTEGER,                       -- 1 for home
    length_of_stay_days INTEGER,              -- nights of an inpatient stay that ended (same day = 0), else NULL
    bed_days INTEGER,                         -- nights of an inpatient stay, at least 1; 0 for others
    duration_minutes INTEGER,                 -- end - start
    death_count INTEGER,                      -- 1 when the patient died in it
    transfer_count INTEGER,                   -- 1 when it ended with a transfer to another acute hospital
    index_admission_count INTEGER,            -- 1: inpatient, discharged alive, no transfer, with 30 days of data behind the discharge
    readmission_7_day_count INTEGER,          -- 1 on an index admission that is followed by another inpatient admission within 7 days, any cause
    readmission_30_day_count INTEGER,         -- the same within 30 days
    days_to_readmission INTEGER,              -- days from the discharge of an index admission to the next inpatient admission, whenever; else NULL
    is_readmission_count INTEGER,             -- 1 on an admission that is itself within 30 days of an index admission's discharge
    ambulatory_care_sensitive_count INTEGER,  -- 1 when the principal diagnosis is ambulatory-care-sensitive
    enrolled_count INTEGER,                   -- 1 when covered on the day it started
    claim_count INTEGER,                      -- claims that name this encounter
    charge_amount DECIMAL(14,2),              -- their charges, USD
    allowed_amount DECIMAL(14,2),             -- their allowed amounts, of paid claims
    paid_amount DECIMAL(14,2),                -- what the plan paid, of paid claims
    member_amount DECIMAL(14,2)               -- what the member owes, of paid claims
);
