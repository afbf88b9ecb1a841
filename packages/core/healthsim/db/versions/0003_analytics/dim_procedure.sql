-- CPT, HCPCS, ICD-10-PCS and other procedure codes. Shared. Classified by the ranges of their codes.
CREATE TABLE analytics.dim_procedure (
    procedure_key INTEGER,    -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,             -- the code
    code_system VARCHAR,      -- as recorded, else told from its form
    description VARCHAR,      -- as first seen
    procedure_group VARCHAR,  -- Evaluation and management, Surgery, Imaging, Laboratory, Medicine ...
    is_surgery INTEGER,       -- 1 for the range of surgery
    is_imaging INTEGER,       -- 1 for radiology
    is_laboratory INTEGER,    -- 1 for laboratory and pathology
    is_office_visit INTEGER   -- 1 for office and preventive visits
);
