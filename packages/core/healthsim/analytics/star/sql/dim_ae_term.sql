-- Terms of adverse events.
SELECT lower(trim(coalesce(aedecod, aeterm))) AS preferred_term, min(aebodsys) AS body_system
FROM adverse_events
WHERE coalesce(aedecod, aeterm) IS NOT NULL
GROUP BY lower(trim(coalesce(aedecod, aeterm)))
