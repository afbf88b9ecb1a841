-- One row per procedure of the clinical record.
CREATE TABLE analytics.fact_procedure (
    scenario_key INTEGER,             -- the scenario
    person_key INTEGER,               -- the patient
    procedure_key INTEGER,            -- what was done
    encounter_type_key INTEGER,       -- class and type of its encounter; -2 without encounter
    facility_key INTEGER,             -- where; -2 without encounter
    performing_provider_key INTEGER,  -- who
    age_band_key INTEGER,             -- age on the day
    performed_date_key INTEGER,       -- day
    performed_date DATE,              -- day
    procedure_id VARCHAR,             -- degenerate
    encounter_id VARCHAR,             -- degenerate
    procedure_count INTEGER           -- 1
);
