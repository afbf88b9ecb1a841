-- the ids that rows come under: what the source calls them, where that tells each from the others, else their numbers
CREATE TABLE {name} AS
SELECT
    {number} AS number,
    CASE
        WHEN (SELECT count(*) = count(DISTINCT {source}) FROM cdm.{table}) THEN {source}
        ELSE {number}::VARCHAR
    END AS {id}
FROM cdm.{table}
