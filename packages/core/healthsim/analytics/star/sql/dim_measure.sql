-- Quality measures of persons, and population measures of places (PLACES). Shared, fixed.
-- kind: seed
-- how: In a fixed order.
-- columns:
--   measure_key INTEGER: surrogate key; -1 unknown, -2 not applicable
--   measure_id VARCHAR: short name: hba1c_testing, DIABETES ...
--   name VARCHAR: full name
--   domain VARCHAR: quality or population
--   denominator VARCHAR: who counts
--   numerator VARCHAR: who meets it
--   exclusions VARCHAR: who does not count
--   source VARCHAR: where the definition is from
--   higher_is_better INTEGER: 0 for measures of bad outcomes
--   unit VARCHAR: percent
SELECT measure_key, measure_id, name, domain, denominator, numerator, exclusions, source, higher_is_better, unit
FROM measure_definitions
