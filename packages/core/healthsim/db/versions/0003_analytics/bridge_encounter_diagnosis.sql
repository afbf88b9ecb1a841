-- One row per diagnosis; those of one encounter share it by weights that sum to 1.
CREATE TABLE analytics.bridge_encounter_diagnosis (
    scenario_key INTEGER,           -- the scenario
    person_key INTEGER,             -- the patient
    diagnosis_key INTEGER,          -- the diagnosis
    encounter_type_key INTEGER,     -- class and type of the encounter; -2 without encounter
    age_band_key INTEGER,           -- age on the day
    diagnosed_date_key INTEGER,     -- day: diagnosed_date, else onset, else the start of the encounter
    diagnosed_date DATE,            -- the same
    encounter_id VARCHAR,           -- degenerate: the encounter; NULL when not linked to one
    diagnosis_id VARCHAR,           -- degenerate: the diagnosis
    diagnosis_role VARCHAR,         -- admitting, principal, secondary, working, final
    sequence_number INTEGER,        -- as recorded
    present_on_admission VARCHAR,   -- Y, N, U, W
    is_principal INTEGER,           -- 1 for the principal diagnosis (the first one when none is marked); one per encounter
    diagnosis_count INTEGER,        -- 1
    first_diagnosis_count INTEGER,  -- 1 on the first row of this code for this person
    weight DOUBLE                   -- 1 / diagnoses of the encounter; NULL without encounter
);
