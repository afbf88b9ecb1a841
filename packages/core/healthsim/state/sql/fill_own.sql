-- the staged rows, in which an entity with a document of its own has one row: what that one leaves empty, others say of it
CREATE OR REPLACE TEMP TABLE filled_own AS
WITH own AS (
    SELECT DISTINCT {id} FROM {source} WHERE part_of IS NULL
),
said AS (
    SELECT {id}, {last_values}
    FROM {source}
    WHERE together AND {id} IN (FROM own)
    GROUP BY {id}
)
SELECT s.* REPLACE ({filled_values})
FROM {source} AS s
LEFT JOIN said AS t ON t.{id} = s.{id}
WHERE s.part_of IS NULL OR s.{id} NOT IN (FROM own)
