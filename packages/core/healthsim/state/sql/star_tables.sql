-- every table of the star that holds rows of one scenario under its key
SELECT DISTINCT c.schema_name, c.table_name
FROM duckdb_columns() AS c
JOIN duckdb_tables() AS t
    ON t.database_name = c.database_name AND t.schema_name = c.schema_name AND t.table_name = c.table_name
WHERE c.column_name = 'scenario_key' AND c.database_name = current_database() AND c.schema_name = 'analytics'
    AND c.table_name <> 'dim_scenario' AND NOT t.temporary
ORDER BY ALL
