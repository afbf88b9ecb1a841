-- The rows of one role ({table}) that are a person who is known by ids of some roles, or by an ssn.
SELECT {columns} FROM {table} WHERE {conditions}
