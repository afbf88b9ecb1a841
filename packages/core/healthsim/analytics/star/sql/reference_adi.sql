-- The newest release of ADI, by block group.
-- kind: reference
SELECT county_fips, tract_fips, national_rank FROM main.ref_adi_blockgroup
