-- Loads, newest release of each dataset and level first; the starter set after every official one.
SELECT dataset, level, release, vintage, file, sha256, rows, loaded_at, stored_rows, members, url, filters, variables
FROM reference.loads
WHERE (?::VARCHAR IS NULL OR dataset = ?) AND (?::VARCHAR IS NULL OR level = ?)
ORDER BY dataset, level, release = 'starter', release DESC
