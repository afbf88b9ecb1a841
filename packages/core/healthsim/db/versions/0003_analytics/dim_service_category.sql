-- Kinds of service of claim lines. Shared, fixed.
CREATE TABLE analytics.dim_service_category (
    service_category_key INTEGER,  -- surrogate key; -1 unknown, -2 not applicable
    service_category VARCHAR,      -- Inpatient, Emergency, Office visit, Laboratory ...
    service_group VARCHAR          -- Inpatient, Outpatient, Professional, Ancillary, Pharmacy
);
