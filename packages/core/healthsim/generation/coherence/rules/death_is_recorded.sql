-- Who has a date of death is marked as deceased, and was born before it.
-- severity: fail
-- each: column death_date
SELECT {id} AS id, '{plural}' AS "table", birth_date, death_date, deceased
FROM {table}
WHERE death_date < birth_date OR (death_date IS NOT NULL AND NOT deceased)
