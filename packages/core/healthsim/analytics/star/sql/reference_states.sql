-- States by their FIPS codes.
-- kind: reference
SELECT state_fips, state_abbr, state_name FROM reference.states
