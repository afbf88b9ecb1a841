-- Drugs, by RxNorm code, else NDC, else name. Shared. Ingredient and class by the name.
CREATE TABLE analytics.dim_drug (
    drug_key INTEGER,           -- surrogate key; -1 unknown, -2 not applicable
    code VARCHAR,               -- RxNorm code, else NDC, else the name in lower case
    code_system VARCHAR,        -- RxNorm, NDC or name
    drug_name VARCHAR,          -- as first seen
    ingredient VARCHAR,         -- metformin; of a combination, the ingredient that decides the class
    drug_class VARCHAR,         -- Biguanide, Statin, ACE inhibitor ...
    therapeutic_class VARCHAR,  -- Diabetes, Lipid lowering, Cardiovascular ...
    brand_generic VARCHAR,      -- brand or generic
    is_generic INTEGER,         -- 1 generic
    is_brand INTEGER,           -- 1 brand
    adherence_class VARCHAR,    -- class of the CMS Star adherence measures: diabetes, rasa, statins; else NULL
    is_insulin INTEGER          -- 1 for insulins (they exclude from diabetes adherence)
);
