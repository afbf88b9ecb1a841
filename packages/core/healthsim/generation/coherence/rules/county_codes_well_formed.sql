-- Counties have five digits, of which the first two are a state of the address.
-- severity: fail when generated
-- each: column county_fips
SELECT t.{id} AS id, '{plural}' AS "table", t.county_fips, t."state"
FROM {table} AS t
LEFT JOIN reference.states AS s ON s.state_abbr = t."state"
WHERE NOT regexp_matches(t.county_fips, '^\d{5}$') OR left(t.county_fips, 2) <> s.state_fips
