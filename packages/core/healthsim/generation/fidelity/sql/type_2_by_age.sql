-- E11 as a share of the diagnoses of an age, in percent, and how it rises from age to age.
WITH shares AS (
    SELECT
        count(*) FILTER (starts_with(d.code, 'E11')) AS n,
        100 * avg(starts_with(d.code, 'E11')::INTEGER) FILTER (age < 18) AS children,
        100 * avg(starts_with(d.code, 'E11')::INTEGER) FILTER (age BETWEEN 18 AND 44) AS young,
        100 * avg(starts_with(d.code, 'E11')::INTEGER) FILTER (age BETWEEN 45 AND 64) AS middle,
        100 * avg(starts_with(d.code, 'E11')::INTEGER) FILTER (age >= 65) AS old
    FROM (
        SELECT x.code, datesub('year', p.birth_date, coalesce(e.start_datetime::DATE, x.diagnosed_date)) AS age
        FROM diagnoses AS x
        JOIN lives AS p ON p.patient_id = x.patient_id
        LEFT JOIN encounters AS e ON e.encounter_id = x.encounter_id
    ) AS d
)
SELECT n, young - children AS young_less_children, middle - young AS middle_less_young, old - middle AS old_less_middle
FROM shares
