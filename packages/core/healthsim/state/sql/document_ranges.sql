-- ranges of positions that hold about the same amount of text; a document of its own size is at most one too many
SELECT min(position), max(position)
FROM (
    SELECT position, sum(characters + $least) OVER (ORDER BY position) // $characters AS part
    FROM scenario_documents
    WHERE entity_type = $type
)
GROUP BY part
ORDER BY part
