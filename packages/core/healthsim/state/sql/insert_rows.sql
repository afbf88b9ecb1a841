INSERT INTO main.{table} ({columns})
SELECT
    $scenario::UUID,
    {values},
    {provenance}
FROM incoming AS s
{joins}
{free}
