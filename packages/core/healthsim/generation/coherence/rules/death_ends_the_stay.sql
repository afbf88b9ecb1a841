-- Nobody leaves hospital alive on the day of death: a stay that ends on it has a disposition that says so (20, 40 to 42),
-- or went on to a hospice (50, 51).
-- severity: fail when generated
-- columns: encounters.discharge_disposition_code, encounters.end_datetime, patients.death_date
SELECT e.encounter_id AS id, e.end_datetime, p.death_date, e.discharge_disposition_code
FROM encounters AS e
JOIN lives AS p ON p.patient_id = e.patient_id
WHERE e.encounter_class = 'inpatient' AND e.end_datetime::DATE = p.death_date
    AND e.discharge_disposition_code NOT IN ('20', '40', '41', '42', '50', '51')
