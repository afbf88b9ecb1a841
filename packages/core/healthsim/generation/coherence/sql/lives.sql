-- Every patient with birth, death, gender and county; what the patient's row leaves out is read off the person.
SELECT
    p.patient_id,
    coalesce(p.birth_date, h.birth_date) AS birth_date,
    coalesce(p.death_date, h.death_date) AS death_date,
    coalesce(p.gender, h.gender) AS gender,
    coalesce(p.county_fips, h.county_fips) AS county_fips
FROM patients AS p
LEFT JOIN persons AS h ON h.person_id = p.person_id
