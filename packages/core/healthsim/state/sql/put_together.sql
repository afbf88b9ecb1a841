-- the staged rows, in which an entity that several documents speak of has one row: what its own document says, and of each
-- column that it leaves empty the last value
CREATE OR REPLACE TEMP TABLE put_together AS
SELECT s.*
FROM {source} AS s
WHERE s.{id} NOT IN (SELECT t.{id} FROM said_together AS t)
    OR (s.together IS NOT TRUE AND (s.part_of IS NOT NULL OR s.id_from_content))
UNION ALL BY NAME
SELECT
    {id}, max(ordinal) AS ordinal, FALSE AS id_from_content, NOT bool_or(together IS NOT TRUE) AS together, {last_values}
FROM said_together
GROUP BY {id}
