-- States by their FIPS codes.
SELECT state_fips, state_abbr, state_name FROM reference.states
