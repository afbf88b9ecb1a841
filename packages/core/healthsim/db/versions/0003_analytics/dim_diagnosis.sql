-- ICD-10-CM codes (and any other code that scenarios use), classified by rules, so that every code has a place.
-- Shared.
CREATE TABLE analytics.dim_diagnosis (
    diagnosis_key INTEGER,                 -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,                          -- upper case, with the dot (E11.9)
    code_system VARCHAR,                   -- ICD-10-CM where none was given
    description VARCHAR,                   -- as first seen
    category_code VARCHAR,                 -- first three characters (E11)
    block_code VARCHAR,                    -- range of categories (E08-E13)
    block_name VARCHAR,                    -- Diabetes mellitus
    chapter_number INTEGER,                -- 1 to 22
    chapter_range VARCHAR,                 -- E00-E89
    chapter_name VARCHAR,                  -- Endocrine, nutritional and metabolic diseases
    chronic_condition VARCHAR,             -- the chronic condition that it is one of (CMS Chronic Conditions Warehouse names), else NULL
    is_chronic INTEGER,                    -- 1 when it is one
    hcc_code VARCHAR,                      -- CMS-HCC category (V28), by prefix; NULL when it pays nothing
    hcc_name VARCHAR,                      -- its name
    acs_condition VARCHAR,                 -- ambulatory-care-sensitive condition (AHRQ prevention quality indicators), else NULL
    is_ambulatory_care_sensitive INTEGER   -- 1 when it is one
);
