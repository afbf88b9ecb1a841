-- Ids are unique within the scenario.
-- severity: fail
-- each: type
SELECT {id} AS id, '{plural}' AS "table", count(*) AS copies
FROM {table}
GROUP BY {id}
HAVING count(*) > 1
