-- A stay for childbirth, by its DRG, carries a code of the outcome of delivery (Z37).
-- severity: fail when generated
-- columns: encounters.drg_code, diagnoses.encounter_id, diagnoses.code
SELECT e.encounter_id AS id, e.drg_code
FROM {encounters} AS e
WHERE regexp_matches(e.drg_code, '^(76[5-8]|77[45]|78[3-8]|79[678]|80[567])$')
    AND NOT EXISTS (FROM {diagnoses} AS d WHERE d.encounter_id = e.encounter_id AND d.code LIKE 'Z37%')
