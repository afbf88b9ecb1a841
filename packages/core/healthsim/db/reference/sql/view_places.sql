-- All releases of PLACES, one row per place and measure.
CREATE OR REPLACE VIEW reference.places AS
SELECT
    NULL::VARCHAR AS "release", NULL::VARCHAR AS "level", NULL::VARCHAR AS geoid, NULL::VARCHAR AS measure,
    NULL::DOUBLE AS crude_prevalence, NULL::DOUBLE AS crude_low, NULL::DOUBLE AS crude_high,
    NULL::DOUBLE AS age_adjusted_prevalence, NULL::DOUBLE AS age_adjusted_low, NULL::DOUBLE AS age_adjusted_high,
    NULL::BIGINT AS population, NULL::BIGINT AS population_18plus
WHERE false{rows}
