-- The most frequent source values without a standard concept, ten of each kind of code.
SELECT home AS domain, source_value, count(*) AS rows
FROM stage_event
WHERE concept_id = 0 AND source_value IS NOT NULL
GROUP BY home, source_value
QUALIFY row_number() OVER (PARTITION BY home ORDER BY count(*) DESC, source_value) <= 10
ORDER BY domain, rows DESC, source_value
