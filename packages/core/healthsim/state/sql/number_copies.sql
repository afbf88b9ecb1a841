-- staged rows that share an id: copy counts them from the first, is_last marks the one that wins
CREATE OR REPLACE TEMP TABLE copies AS
SELECT
    ordinal,
    row_number() OVER (PARTITION BY {key}, {own} ORDER BY ordinal) AS copy,
    row_number() OVER (PARTITION BY {key} ORDER BY {own} DESC, ordinal DESC) = 1 AS is_last
FROM {source}
QUALIFY count(*) OVER (PARTITION BY {key}) > 1
