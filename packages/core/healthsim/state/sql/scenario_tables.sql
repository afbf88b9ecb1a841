-- every table that holds rows of scenarios, whatever layer made it
SELECT DISTINCT c.schema_name, c.table_name
FROM duckdb_columns() AS c
JOIN duckdb_tables() AS t
    ON t.database_name = c.database_name AND t.schema_name = c.schema_name AND t.table_name = c.table_name
WHERE c.column_name = 'scenario_id' AND c.database_name = current_database() AND NOT c.internal
    AND NOT t.temporary AND c.schema_name <> 'temp'
ORDER BY ALL
