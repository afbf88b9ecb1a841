-- Which diagnoses belong to which condition group. Shared.
CREATE TABLE analytics.bridge_diagnosis_group (
    diagnosis_key INTEGER,        -- the diagnosis
    condition_group_key INTEGER   -- the group
);
