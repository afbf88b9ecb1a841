-- What a row refers to (its patient, encounter, claim, provider ...) is in the scenario.
-- severity: fail when generated
-- each: reference
SELECT t.{id} AS id, '{plural}' AS "table", '{column}' AS "column", t.{column} AS refers_to
FROM {table} AS t
ANTI JOIN {target} AS o ON o.{target_id} = t.{column}
WHERE t.{column} IS NOT NULL
