-- The height of an adult under 60 does not change by more than 6 cm.
-- severity: warn
-- columns: vital_signs.height_cm, vital_signs.observation_datetime, patients.birth_date
SELECT v.patient_id AS id, min(v.height_cm) AS lowest, max(v.height_cm) AS highest
FROM vital_signs AS v
JOIN lives AS p ON p.patient_id = v.patient_id
WHERE datesub('year', p.birth_date, v.observation_datetime::DATE) BETWEEN 21 AND 59
GROUP BY v.patient_id
HAVING max(v.height_cm) - min(v.height_cm) > 6
