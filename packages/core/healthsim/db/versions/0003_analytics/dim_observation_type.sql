-- What is measured: LOINC codes of labs, and vital signs under their LOINC codes. Shared.
CREATE TABLE analytics.dim_observation_type (
    observation_type_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,                  -- LOINC code, else the name in lower case
    code_system VARCHAR,           -- LOINC or name
    name VARCHAR,                  -- as first seen
    observation_kind VARCHAR,      -- lab or vital
    observation_group VARCHAR,     -- HbA1c, Lipids, Renal function, Blood pressure ...
    analyte VARCHAR,               -- short name that measures use: hba1c, ldl, egfr, systolic_bp ...; NULL for others
    unit VARCHAR                   -- usual unit (UCUM)
);
