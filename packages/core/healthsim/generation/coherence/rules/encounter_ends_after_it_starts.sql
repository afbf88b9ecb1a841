-- An encounter ends at or after its start.
-- severity: fail
-- columns: encounters.start_datetime, encounters.end_datetime
SELECT encounter_id AS id, start_datetime, end_datetime
FROM encounters
WHERE end_datetime < start_datetime
