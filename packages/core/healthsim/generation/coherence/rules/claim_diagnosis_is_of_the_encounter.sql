-- The principal diagnosis of a claim is among the diagnoses of its encounter.
-- severity: fail when generated
-- columns: claims.principal_diagnosis, claims.encounter_id, diagnoses.code
SELECT c.claim_id AS id, c.principal_diagnosis, c.encounter_id
FROM claims AS c
SEMI JOIN diagnoses AS any_of_it ON any_of_it.encounter_id = c.encounter_id
ANTI JOIN diagnoses AS d
    ON d.encounter_id = c.encounter_id AND replace(d.code, '.', '') = replace(c.principal_diagnosis, '.', '')
WHERE c.principal_diagnosis IS NOT NULL
