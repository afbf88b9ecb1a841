INSERT INTO main.{table} ({columns})
SELECT
    $scenario::UUID,
    {values},
    {provenance}
FROM incoming AS s
{joins}
WHERE NOT EXISTS (
    FROM main.{table} AS t WHERE t.{here} AND t.{id} = s.final_id
)
