-- One row per place of a long file of PLACES. absent names the measures that have no record for a place: a record with
-- an empty value is a suppressed estimate, which is something else.
SELECT
    CASE WHEN geoid = '00059' THEN 'US' ELSE geoid END AS geoid,
    max({name}) AS name,
    {population},
    nullif(list_filter({measures}, LAMBDA m: NOT list_contains(list(DISTINCT upper(measure)), m)), []) AS absent,
    {values}
FROM raw
GROUP BY raw.geoid
ORDER BY raw.geoid
