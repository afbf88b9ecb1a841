-- Quality measures of persons and population measures of PLACES, in a fixed order.
SELECT measure_key, measure_id, name, domain, denominator, numerator, exclusions, source, higher_is_better, unit
FROM measure_definitions
