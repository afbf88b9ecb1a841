-- rows that the scenario holds of entities with a document of their own which a reader took, of which staged rows speak; and
-- which of their columns other documents gave
CREATE OR REPLACE TEMP TABLE held_own AS
WITH spoken_of AS (
    SELECT {id} AS id, bool_or(part_of IS NULL) AS is_own, bool_or(together) AS together
    FROM {source}
    WHERE {merging} AND (part_of IS NULL OR together)
    GROUP BY ALL
),
origins AS (
    SELECT d.entity_id AS id, coalesce(r.provenance, d.provenance)::JSON AS provenance
    FROM main.scenario_documents AS d
    LEFT JOIN replaced AS r ON r.entity_type = d.entity_type AND r.entity_id = d.entity_id
    WHERE d.{here} AND d.entity_type = {type} AND contains(coalesce(r.provenance, d.provenance)::VARCHAR, '"read_as"')
)
SELECT
    t.* EXCLUDE (scenario_id, saved_at), coalesce((o.provenance -> '$.given')::VARCHAR[], []) AS given, NOT w.is_own AS is_alone
FROM main.{table} AS t
JOIN spoken_of AS w ON w.id = t.{id}
JOIN origins AS o ON o.id = t.{id}
WHERE t.{here} AND t.part_of IS NULL AND (NOT w.is_own OR len(given) > 0)
