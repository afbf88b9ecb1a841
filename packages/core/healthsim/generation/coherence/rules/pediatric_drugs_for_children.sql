-- Paediatric preparations (so named, or liquid antibiotics per 5 mL) are for patients under 18.
-- severity: warn
-- columns: medications.name, medications.start_date, patients.birth_date
SELECT m.medication_id AS id, m.name, datesub('year', p.birth_date, m.start_date) AS age
FROM medications AS m
JOIN lives AS p ON p.patient_id = m.patient_id
WHERE (
    regexp_matches(m.name, '\b(pediatric|paediatric|children|infant)', 'i')
    OR regexp_matches(m.name, '(amoxicillin|azithromycin|cefdinir|cephalexin|clavulan).*(/ ?5 ?ml|mg/ml|suspension)', 'i')
) AND datesub('year', p.birth_date, m.start_date) >= 18
