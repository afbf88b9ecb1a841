-- Telephone numbers are of the range kept for fiction, 555-0100 to 555-0199.
-- severity: fail when generated
-- each: column phone
SELECT {id} AS id, '{plural}' AS "table", phone
FROM {table}
WHERE NOT regexp_matches(regexp_replace(phone, '\D', '', 'g'), '^(1?\d{3})?55501\d\d$')
