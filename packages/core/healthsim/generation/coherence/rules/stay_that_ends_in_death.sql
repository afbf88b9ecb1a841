-- A stay that ends with the patient's death (disposition 20, 40 to 42) ends on the day of death.
-- severity: fail when generated
-- columns: encounters.discharge_disposition_code, encounters.end_datetime, patients.death_date
SELECT e.encounter_id AS id, e.end_datetime, p.death_date
FROM encounters AS e
JOIN lives AS p ON p.patient_id = e.patient_id
WHERE e.discharge_disposition_code IN ('20', '40', '41', '42')
    AND (p.death_date <> e.end_datetime::DATE OR ($generated AND p.death_date IS NULL))
