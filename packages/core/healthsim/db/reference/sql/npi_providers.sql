-- Providers of one block of the file: the useful columns, dates as dates.
SELECT
    {columns}
FROM block
WHERE {where}
