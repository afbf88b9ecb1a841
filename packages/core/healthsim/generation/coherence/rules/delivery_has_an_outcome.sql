-- A stay for childbirth, by its DRG, carries a code of the outcome of delivery (Z37).
-- severity: fail when generated
-- columns: encounters.drg_code, diagnoses.encounter_id, diagnoses.code
SELECT e.encounter_id AS id, e.drg_code
FROM deliveries AS e
WHERE NOT EXISTS (FROM diagnoses AS d WHERE d.encounter_id = e.encounter_id AND d.code LIKE 'Z37%')
