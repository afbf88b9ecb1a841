-- Every stay for childbirth, by its DRG, and whether that is one of a cesarean section.
SELECT
    encounter_id, patient_id, drg_code, start_datetime,
    regexp_matches(drg_code, '^(76[56]|78[3-8])$') AS cesarean
FROM encounters
WHERE regexp_matches(drg_code, '^(76[5-8]|77[45]|78[3-8]|79[678]|80[567])$')
