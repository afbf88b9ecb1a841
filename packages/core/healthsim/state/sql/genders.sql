SELECT coalesce(gender, 'unknown'), count(*) FROM {table} GROUP BY 1 ORDER BY 1
