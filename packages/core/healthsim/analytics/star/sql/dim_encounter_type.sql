-- Class of encounter x type of visit. Shared.
-- kind: code
-- natural key: encounter_class, encounter_type
-- columns:
--   encounter_class VARCHAR: inpatient, outpatient, emergency, observation, virtual, home
--   encounter_type VARCHAR: office visit, ED visit ..., as recorded
--   class_label VARCHAR: Inpatient stay, Emergency visit ...
--   is_inpatient INTEGER: 1 for inpatient
--   is_emergency INTEGER: 1 for emergency
--   is_ambulatory INTEGER: 1 for outpatient, virtual and home
SELECT
    encounter_class, encounter_type,
    CASE encounter_class
        WHEN 'inpatient' THEN 'Inpatient stay'
        WHEN 'emergency' THEN 'Emergency visit'
        WHEN 'observation' THEN 'Observation stay'
        WHEN 'outpatient' THEN 'Outpatient visit'
        WHEN 'virtual' THEN 'Virtual visit'
        WHEN 'home' THEN 'Home visit'
        ELSE 'Other'
    END AS class_label,
    CASE WHEN encounter_class = 'inpatient' THEN 1 ELSE 0 END AS is_inpatient,
    CASE WHEN encounter_class = 'emergency' THEN 1 ELSE 0 END AS is_emergency,
    CASE WHEN encounter_class IN ('outpatient', 'virtual', 'home') THEN 1 ELSE 0 END AS is_ambulatory
FROM (
    SELECT DISTINCT
        coalesce(encounter_class, 'unknown') AS encounter_class,
        coalesce(encounter_type, encounter_class, 'unknown') AS encounter_type
    FROM encounters
) AS used
