-- How codes are classified: from code_from to code_to (prefixes of equal length), of a rule set. Loaded from the
-- program's data.
-- kind: seed
-- columns:
--   rule_set VARCHAR: icd_chapter, icd_block, icd_chronic, icd_acs, icd_hcc, icd_group, procedure, drug, loinc ...
--   code_from VARCHAR: first prefix, or the text to find
--   code_to VARCHAR: last prefix
--   value VARCHAR: what it means, in a word
--   label VARCHAR: the same for people
--   detail VARCHAR: what else is known
--   priority INTEGER: of several rules that fit, the lowest; or the fixed key
SELECT rule_set, code_from, code_to, "value", label, detail, priority
FROM code_rule_definitions
