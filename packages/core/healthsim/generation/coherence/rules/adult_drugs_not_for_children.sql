-- Statins, SGLT2 inhibitors, drugs for COPD and the like are not for children under 8.
-- severity: warn
-- columns: medications.name, medications.start_date, patients.birth_date
SELECT m.medication_id AS id, m.name, datesub('year', p.birth_date, m.start_date) AS age
FROM medications AS m
JOIN lives AS p ON p.patient_id = m.patient_id
WHERE regexp_matches(m.name, '(vastatin|gliflozin|tiotropium|clopidogrel|apixaban|donepezil|tamsulosin|finasteride|alendron)', 'i')
    AND datesub('year', p.birth_date, m.start_date) < 8
