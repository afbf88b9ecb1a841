-- DRGs of childbirth are on females of 12 to 55 years, those of newborns (789 to 795) on infants.
-- severity: fail
-- columns: encounters.drg_code, encounters.start_datetime, patients.gender, patients.birth_date
SELECT e.encounter_id AS id, e.drg_code, p.gender, datesub('year', p.birth_date, e.start_datetime::DATE) AS age
FROM encounters AS e
JOIN lives AS p ON p.patient_id = e.patient_id
WHERE (
    regexp_matches(e.drg_code, '^(76[5-8]|77[0-9]|78[0-8]|79[678]|80[567]|81[789]|83[123])$')
    AND (p.gender = 'M' OR datesub('year', p.birth_date, e.start_datetime::DATE) NOT BETWEEN 12 AND 55)
) OR (
    regexp_matches(e.drg_code, '^(789|79[0-5])$') AND datesub('year', p.birth_date, e.start_datetime::DATE) > 0
)
