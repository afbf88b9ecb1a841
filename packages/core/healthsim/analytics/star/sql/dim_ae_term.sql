-- Terms of adverse events. Shared.
-- kind: code
-- natural key: preferred_term
-- columns:
--   preferred_term VARCHAR: aedecod, else aeterm, in lower case
--   body_system VARCHAR: aebodsys
SELECT lower(trim(coalesce(aedecod, aeterm))) AS preferred_term, min(aebodsys) AS body_system
FROM adverse_events
WHERE coalesce(aedecod, aeterm) IS NOT NULL
GROUP BY lower(trim(coalesce(aedecod, aeterm)))
