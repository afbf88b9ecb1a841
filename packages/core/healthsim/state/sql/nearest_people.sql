-- The ids of {table} that are spelled most like a text.
SELECT {key} FROM {table} ORDER BY jaro_winkler_similarity({key}, $text) DESC, {key} LIMIT 3
