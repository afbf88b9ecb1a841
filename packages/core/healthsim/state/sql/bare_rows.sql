-- rows that are entities of their own and have no document; in the order in which they were written
SELECT {columns}
FROM {table} AS t
WHERE t.part_of IS NULL
    AND NOT EXISTS (
        FROM scenario_documents AS d
        WHERE d.entity_type = $type AND d.entity_id = t.{id}
    )
OFFSET $skip
