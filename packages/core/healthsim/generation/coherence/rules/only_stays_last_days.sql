-- Only inpatient and observation stays last for days: a visit ends within a day, an emergency one within three.
-- severity: fail when generated
-- columns: encounters.encounter_class, encounters.start_datetime, encounters.end_datetime
SELECT encounter_id AS id, encounter_class, start_datetime, end_datetime
FROM encounters
WHERE (encounter_class IN ('outpatient', 'virtual', 'home') AND end_datetime > start_datetime + INTERVAL 24 HOUR)
    OR (encounter_class = 'emergency' AND end_datetime > start_datetime + INTERVAL 72 HOUR)
