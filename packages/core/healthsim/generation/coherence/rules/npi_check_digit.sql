-- NPIs have ten digits and pass the Luhn check (with the prefix 80840).
-- severity: fail when generated
-- each: column npi
SELECT {id} AS id, '{plural}' AS "table", npi
FROM {table}
WHERE NOT regexp_matches(npi, '^\d{10}$') OR luhn_remainder('80840' || npi) <> 0
