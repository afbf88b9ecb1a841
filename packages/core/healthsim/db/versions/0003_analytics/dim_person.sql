-- One row per human being of a scenario, whatever products know them: patient, member, rx member, subject.
CREATE TABLE analytics.dim_person (
    person_key INTEGER,                 -- surrogate key; -1 unknown, -2 not applicable
    scenario_key INTEGER,               -- the scenario
    person_id VARCHAR,                  -- the id of the person, else of the record that stands for it, as <type>/<id>
    patient_id VARCHAR,                 -- first patient record
    mrn VARCHAR,                        -- its medical record number
    member_id VARCHAR,                  -- latest member record (coverage span)
    rx_member_id VARCHAR,               -- latest pharmacy member record
    subject_id VARCHAR,                 -- first trial subject record
    given_name VARCHAR,                 -- synthetic name
    family_name VARCHAR,                -- synthetic name
    birth_date DATE,                    -- date of birth
    birth_date_key INTEGER,             -- the same as a key
    gender VARCHAR,                     -- F, M, O, U
    race VARCHAR,                       -- as recorded
    ethnicity VARCHAR,                  -- as recorded
    language VARCHAR,                   -- as recorded
    city VARCHAR,                       -- residence
    state VARCHAR,                      -- residence
    postal_code VARCHAR,                -- residence
    county_fips VARCHAR,                -- residence
    census_tract VARCHAR,               -- residence
    geography_key INTEGER,              -- the county of residence in dim_geography
    tract_geography_key INTEGER,        -- the tract of residence in dim_geography
    primary_care_provider_key INTEGER,  -- of the patient record, else of the latest coverage
    is_deceased INTEGER,                -- 1 when known to have died
    death_date DATE,                    -- date of death
    death_date_key INTEGER,             -- the same as a key; -2 for the living
    is_patient INTEGER,                 -- 1 when there is a patient record
    is_member INTEGER,                  -- 1 when there is a member record
    is_rx_member INTEGER,               -- 1 when there is a pharmacy member record
    is_subject INTEGER                  -- 1 when there is a trial subject record
);
