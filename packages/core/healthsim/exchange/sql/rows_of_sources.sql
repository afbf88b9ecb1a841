-- one row per source that has rows of a type: its number, and how many entities of the type it speaks of
SELECT r.source, count(DISTINCT s.{id})
FROM {rows} AS s
JOIN (SELECT unnest($sources) AS source, unnest($firsts) AS first, unnest($lasts) AS last) AS r
    ON s.document >= r.first AND s.document < r.last
GROUP BY r.source
