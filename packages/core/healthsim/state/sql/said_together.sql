-- what several documents say of one entity, and what the scenario holds of it from others: each with its place in the order;
-- where one of them is the entity's own document, the last such is among them
CREATE OR REPLACE TEMP TABLE said_together AS
WITH said AS (
    SELECT * FROM {source} WHERE together
),
own AS (
    SELECT * FROM {source} AS s
    WHERE s.together IS NOT TRUE AND s.part_of IS NULL AND NOT s.id_from_content
        AND s.{id} IN (SELECT t.{id} FROM said AS t)
    QUALIFY row_number() OVER (PARTITION BY s.{id} ORDER BY s.ordinal DESC) = 1
),
repeated AS (
    SELECT {id} FROM said GROUP BY {id} HAVING count(*) > 1
    UNION
    SELECT {id} FROM own
    UNION
    SELECT {id} FROM ({held})
)
SELECT s.* FROM said AS s WHERE s.{id} IN (FROM repeated)
UNION ALL BY NAME
SELECT o.* FROM own AS o
UNION ALL BY NAME
SELECT h.* FROM ({held}) AS h
WHERE h.{id} IN (SELECT t.{id} FROM said AS t) AND h.{id} NOT IN (SELECT o.{id} FROM own AS o)
