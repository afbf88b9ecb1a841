-- A patient is in one inpatient stay at a time.
-- severity: fail when generated
-- columns: encounters.encounter_class, encounters.start_datetime, encounters.end_datetime
SELECT encounter_id AS id, patient_id, start_datetime, previous_end
FROM (
    SELECT
        encounter_id, patient_id, start_datetime,
        max(end_datetime) OVER (
            PARTITION BY patient_id ORDER BY start_datetime, encounter_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS previous_end
    FROM encounters
    WHERE encounter_class = 'inpatient' AND start_datetime IS NOT NULL AND patient_id IS NOT NULL
)
WHERE start_datetime < previous_end
