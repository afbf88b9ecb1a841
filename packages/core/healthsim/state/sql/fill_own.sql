-- the staged rows, in which an entity with a document of its own has one row: what that one leaves empty, others say of it, or
-- have said before; where that document does not come in, its row is the one that the scenario holds
CREATE OR REPLACE TEMP TABLE filled_own AS
WITH own AS (
    SELECT DISTINCT {id} FROM {source} WHERE part_of IS NULL
    UNION
    SELECT {id} FROM held_own
),
said AS (
    SELECT {id}, max(ordinal) AS ordinal, max(document) AS document, {last_values}
    FROM (
        SELECT * FROM {source} WHERE together
        UNION ALL BY NAME
        SELECT {id}, -1 AS ordinal, {others_said} FROM held_own
    )
    WHERE {id} IN (FROM own)
    GROUP BY {id}
),
rows AS (
    SELECT * FROM {source} WHERE part_of IS NULL OR {id} NOT IN (FROM own)
    UNION ALL BY NAME
    SELECT h.* EXCLUDE (given, is_alone), t.ordinal, t.document, FALSE AS together, FALSE AS id_from_content
    FROM (SELECT * REPLACE ({own_said}) FROM held_own WHERE is_alone) AS h
    JOIN said AS t USING ({id})
)
SELECT s.* REPLACE ({filled_values}), list_filter([{given}], LAMBDA said_so: said_so IS NOT NULL) AS given
FROM rows AS s
LEFT JOIN said AS t ON t.{id} = s.{id}
