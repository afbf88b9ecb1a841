-- what a document carries goes its way: along under the new id, or not at all
CREATE OR REPLACE TEMP VIEW following AS
SELECT s.* REPLACE (
    {columns}
)
FROM {source} AS s
LEFT JOIN moved AS m ON m.position = s.document AND s.part_of IS NOT NULL
WHERE m.is_gone IS NOT TRUE
