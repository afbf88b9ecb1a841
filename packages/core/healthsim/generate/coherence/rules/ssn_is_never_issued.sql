-- SSNs are synthetic beyond doubt: area 900 to 999 is never issued.
-- severity: fail when generated
-- each: column ssn
SELECT {id} AS id, '{plural}' AS "table", ssn
FROM {table}
WHERE NOT regexp_matches(replace(ssn, '-', ''), '^9\d{8}$')
