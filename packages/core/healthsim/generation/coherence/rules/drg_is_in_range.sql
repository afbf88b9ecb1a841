-- MS-DRGs have three digits, and are in the range in use (001 to 989, 998, 999).
-- severity: fail
-- any of: encounters.drg_code, claims.drg_code
WITH drgs AS (
    SELECT encounter_id AS id, 'encounters' AS "table", drg_code FROM encounters
    UNION ALL SELECT claim_id, 'claims', drg_code FROM claims
)
SELECT id, "table", drg_code
FROM drgs
WHERE NOT regexp_matches(drg_code, '^\d{3}$') OR drg_code = '000' OR drg_code BETWEEN '990' AND '997'
