-- every table that holds rows of scenarios, whatever layer made it, and how it names theirs: by scenario_id, or by a
-- scenario_key; which key is whose, the tables of the same schema tell that have both
SELECT c.schema_name, c.table_name, list(c.column_name) AS named_by
FROM duckdb_columns() AS c
JOIN duckdb_tables() AS t
    ON t.database_name = c.database_name AND t.schema_name = c.schema_name AND t.table_name = c.table_name
WHERE c.column_name IN ('scenario_id', 'scenario_key') AND c.database_name = current_database() AND NOT c.internal
    AND NOT t.temporary AND c.schema_name <> 'temp'
GROUP BY ALL
ORDER BY ALL
