-- One row per medication of the clinical record, and per prescription of the pharmacy record.
CREATE TABLE analytics.fact_medication_order (
    scenario_key INTEGER,             -- the scenario
    person_key INTEGER,               -- the patient
    drug_key INTEGER,                 -- what
    encounter_type_key INTEGER,       -- class and type of its encounter; -2 without encounter
    prescriber_provider_key INTEGER,  -- who
    age_band_key INTEGER,             -- age at start
    start_date_key INTEGER,           -- start, else the day it was written
    start_date DATE,                  -- the same
    end_date_key INTEGER,             -- end; -2 while open
    end_date DATE,                    -- the same
    order_source VARCHAR,             -- medication or prescription
    order_id VARCHAR,                 -- degenerate: medication_id or prescription_id
    encounter_id VARCHAR,             -- degenerate
    status VARCHAR,                   -- as recorded
    route VARCHAR,                    -- as recorded
    indication VARCHAR,               -- as recorded
    days_supply INTEGER,              -- of a prescription
    refills_authorized INTEGER,       -- of a prescription
    order_count INTEGER,              -- 1 for a medication
    prescription_count INTEGER,       -- 1 for a prescription
    first_order_count INTEGER         -- 1 on the person's first row of this drug class (of this drug where the class is unknown)
);
