"""The questions that have a report of their own: tested SQL, a table, and a page with a chart."""
