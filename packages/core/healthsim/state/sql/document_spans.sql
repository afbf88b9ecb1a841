-- per type: how many, between which positions, the largest, and the most that the engine reads in one go
WITH bundles AS (
    SELECT
        entity_type, count(*) AS documents, min(position) AS first, max(position) AS last,
        max(characters) AS largest, sum(characters)::BIGINT AS characters
    FROM scenario_documents
    GROUP BY entity_type, position // 2048
)
SELECT entity_type, sum(documents)::BIGINT, min(first), max(last), max(largest), max(characters)
FROM bundles
GROUP BY entity_type
ORDER BY min(first)
