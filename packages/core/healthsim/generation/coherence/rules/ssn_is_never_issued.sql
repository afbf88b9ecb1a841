-- SSNs are synthetic beyond doubt: area 900 to 999 is never issued.
-- severity: fail when generated
-- each: column ssn
SELECT {id} AS id, '{plural}' AS "table", ssn
FROM {table}
WHERE CASE WHEN $generated THEN NOT regexp_matches(replace(ssn, '-', ''), '^9\d{8}$')
    -- elsewhere a number may be masked
    ELSE regexp_matches(replace(ssn, '-', ''), '^[0-8]\d{8}$') END
