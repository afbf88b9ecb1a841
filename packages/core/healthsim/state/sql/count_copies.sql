-- how many rows are staged, and under how many ids
SELECT count(*), count(DISTINCT hash({key})) FROM {source}
