-- A DRG is on inpatient stays and on their institutional claims, and nowhere else.
-- severity: fail
-- any of: encounters.drg_code, encounters.encounter_class, claims.drg_code, claims.claim_type, claims.bill_type
SELECT encounter_id AS id, 'encounters' AS "table", drg_code, encounter_class AS kind
FROM encounters
WHERE drg_code IS NOT NULL AND encounter_class <> 'inpatient'
UNION ALL
SELECT c.claim_id, 'claims', c.drg_code, coalesce(c.claim_type || ' ', '') || coalesce(c.bill_type, '')
FROM claims AS c
WHERE c.drg_code IS NOT NULL
    AND (c.claim_type <> 'institutional' OR NOT regexp_matches(c.bill_type, '^0?(1[128]|21|41)'))
