-- One row per block group. Where a rank is no number it is the reason why there is none.
SELECT
    geoid,
    TRY_CAST(national AS SMALLINT) AS national_rank,
    TRY_CAST(state_rank AS SMALLINT) AS state_rank,
    CASE WHEN TRY_CAST(national AS SMALLINT) IS NULL THEN upper(nullif(nullif(trim(national), ''), 'NA'))
         WHEN TRY_CAST(state_rank AS SMALLINT) IS NULL THEN upper(nullif(nullif(trim(state_rank), ''), 'NA')) END AS suppression
FROM raw
