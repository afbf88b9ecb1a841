-- NDCs have eleven digits (hyphens aside).
-- severity: fail when generated
-- each: column ndc
SELECT {id} AS id, '{plural}' AS "table", ndc
FROM {table}
WHERE NOT regexp_matches(replace(ndc, '-', ''), '^\d{11}$')
