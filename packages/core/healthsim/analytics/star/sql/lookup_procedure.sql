-- A procedure by its code.
-- kind: lookup
SELECT code, procedure_key, procedure_group
FROM dim_procedure
WHERE procedure_key > 0
