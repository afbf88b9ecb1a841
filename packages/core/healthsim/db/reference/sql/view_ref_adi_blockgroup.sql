-- The newest release of ADI.
CREATE OR REPLACE VIEW ref_adi_blockgroup AS
SELECT geoid, left(geoid, 11) AS tract_fips, left(geoid, 5) AS county_fips, "release", national_rank, state_rank, suppression
FROM reference.adi
WHERE "release" = (SELECT max("release") FROM reference.adi)
