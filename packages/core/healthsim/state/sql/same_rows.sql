-- staged rows that the scenario holds just so: there is nothing to write of them
CREATE OR REPLACE TEMP TABLE same_rows AS
SELECT s.ordinal
FROM incoming AS s
JOIN main.{table} AS t ON t.{here} AND t.{id} = s.final_id
{joins}
WHERE {same}
