-- One block of a file beside the providers.
SELECT
    {columns}
FROM block
WHERE {kept}
