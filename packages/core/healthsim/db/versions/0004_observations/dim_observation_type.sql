-- What is measured and in which unit: LOINC codes of labs, and vital signs under their LOINC codes. Shared.
CREATE TABLE analytics.dim_observation_type_next (
    observation_type_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,                  -- LOINC code, else the name in lower case
    code_system VARCHAR,           -- LOINC or name
    name VARCHAR,                  -- as first seen
    observation_kind VARCHAR,      -- lab or vital
    observation_group VARCHAR,     -- HbA1c, Lipids, Renal function, Blood pressure ...
    analyte VARCHAR,               -- short name that measures use: hba1c, ldl, egfr, systolic_bp ...; NULL for others
    unit VARCHAR                   -- unit of its results (UCUM); one code in two units is two kinds
);
INSERT INTO analytics.dim_observation_type_next BY NAME SELECT * FROM analytics.dim_observation_type;
DROP TABLE analytics.dim_observation_type;
ALTER TABLE analytics.dim_observation_type_next RENAME TO dim_observation_type;
