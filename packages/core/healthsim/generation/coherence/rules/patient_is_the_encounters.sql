-- What happened in an encounter happened to the patient of the encounter; a claim is about them too.
-- severity: fail
-- each: implied
SELECT t.{id} AS id, '{plural}' AS "table", t.{column} AS patient_id, o.{column} AS patient_of_encounter
FROM {table} AS t
JOIN {target} AS o ON o.{target_id} = t.{via}
WHERE t.{column} <> o.{column}
