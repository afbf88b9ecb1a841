-- Kinds of service of claim lines. Shared, fixed.
-- kind: seed
-- how: In a fixed order.
-- columns:
--   service_category_key INTEGER: surrogate key; -1 unknown, -2 not applicable
--   service_category VARCHAR: Inpatient, Emergency, Office visit, Laboratory ...
--   service_group VARCHAR: Inpatient, Outpatient, Professional, Ancillary, Pharmacy
SELECT priority AS service_category_key, code_from AS service_category, label AS service_group
FROM code_rules
WHERE rule_set = 'service_category'
