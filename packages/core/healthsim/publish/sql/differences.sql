-- one row: how many entities of a table only one of two versions has, how many differ, and some ids of each
WITH before AS ({before}),
after AS ({after})
SELECT
    count(b.id) AS before, count(a.id) AS after,
    count(*) FILTER (WHERE b.id IS NULL) AS added, count(*) FILTER (WHERE a.id IS NULL) AS removed,
    count(*) FILTER (WHERE a.hash <> b.hash) AS changed,
    (list(a.id ORDER BY a.id) FILTER (WHERE b.id IS NULL))[:$examples] AS added_ids,
    (list(b.id ORDER BY b.id) FILTER (WHERE a.id IS NULL))[:$examples] AS removed_ids,
    (list(a.id ORDER BY a.id) FILTER (WHERE a.hash <> b.hash))[:$examples] AS changed_ids
FROM before AS b
FULL JOIN after AS a ON a.id = b.id
