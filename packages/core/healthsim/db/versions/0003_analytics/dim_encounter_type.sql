-- Class of encounter x type of visit. Shared.
CREATE TABLE analytics.dim_encounter_type (
    encounter_type_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    encounter_class VARCHAR,     -- inpatient, outpatient, emergency, observation, virtual, home
    encounter_type VARCHAR,      -- office visit, ED visit ..., as recorded
    class_label VARCHAR,         -- Inpatient stay, Emergency visit ...
    is_inpatient INTEGER,        -- 1 for inpatient
    is_emergency INTEGER,        -- 1 for emergency
    is_ambulatory INTEGER        -- 1 for outpatient, virtual and home
);
