-- The claim of an encounter is for days of the encounter.
-- severity: fail when generated
-- columns: claims.service_date, claims.service_end_date, encounters.start_datetime, encounters.end_datetime
SELECT c.claim_id AS id, c.service_date, c.service_end_date, e.start_datetime, e.end_datetime
FROM claims AS c
JOIN encounters AS e ON e.encounter_id = c.encounter_id
WHERE c.service_date < e.start_datetime::DATE OR c.service_date > e.end_datetime::DATE
    OR c.service_end_date > e.end_datetime::DATE
