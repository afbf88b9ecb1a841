-- One row per place of a wide file of PLACES; intervals are text such as "( 7.1,  7.8)".
SELECT
    geoid,
    {name} AS name,
    {population},
    NULL::VARCHAR[] AS absent,
    {values}
FROM records
