-- rows that are entities of their own and have no document; every id and reference is renewed
WITH ids AS (SELECT entity_id FROM main.scenario_entities WHERE {here}) -- noqa: ST03
SELECT t.* EXCLUDE (scenario_id, saved_at) REPLACE (
    {renewed}
)
FROM main.{table} AS t
WHERE t.{here} AND t.part_of IS NULL
    AND NOT EXISTS (
        FROM main.scenario_documents AS d
        WHERE d.{here} AND d.entity_type = $type AND d.entity_id = t.{id}
    )
