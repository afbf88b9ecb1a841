-- All releases of SVI, one row per place and variable.
CREATE OR REPLACE VIEW reference.svi AS
SELECT
    NULL::VARCHAR AS "release", NULL::VARCHAR AS "level", NULL::VARCHAR AS geoid, NULL::VARCHAR AS variable,
    NULL::DOUBLE AS "value"
WHERE false{rows}
