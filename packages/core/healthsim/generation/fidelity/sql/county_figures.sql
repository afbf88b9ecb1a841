-- What the loaded releases of PLACES say about counties, one row per release and measure.
SELECT geoid, "release", measure, crude_prevalence
FROM reference.places
WHERE "level" = 'county' AND crude_prevalence IS NOT NULL
    AND geoid IN (SELECT unnest($counties::VARCHAR[])) AND measure IN (SELECT unnest($measures::VARCHAR[]))
