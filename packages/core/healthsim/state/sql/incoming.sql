-- the staged rows that will be written, with the ids that they are written under
CREATE OR REPLACE TEMP VIEW incoming AS
SELECT
    s.* EXCLUDE (id_from_content),
    CASE
        WHEN c.copy > 1 AND {own} AND (s.id_from_content OR {keep}) THEN s.{id} || '~' || c.copy
        ELSE s.{id}
    END AS final_id
FROM {source} AS s
LEFT JOIN copies AS c USING (ordinal)
WHERE c.ordinal IS NULL OR c.is_last OR ({own} AND (s.id_from_content OR {keep}))
