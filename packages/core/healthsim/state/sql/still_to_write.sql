-- the staged rows but those of documents that stay as they are
CREATE OR REPLACE TEMP VIEW still_to_write AS
SELECT s.*
FROM {source} AS s
WHERE s.document NOT IN (SELECT u.position FROM unchanged AS u WHERE u.is_read)
