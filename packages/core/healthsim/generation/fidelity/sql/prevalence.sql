-- Of living adults of each county at the as-of day: how many there are (measure NULL), and how many have a measure.
WITH adults AS (
    SELECT patient_id, county_fips
    FROM lives
    WHERE datesub('year', birth_date, $as_of::DATE) >= 18 AND coalesce(death_date > $as_of::DATE, TRUE)
),
meanings AS (
    SELECT c.code, m.measure
    FROM (SELECT DISTINCT code FROM diagnoses WHERE code IS NOT NULL) AS c
    JOIN (SELECT unnest($measures::VARCHAR[]) AS measure, unnest($patterns::VARCHAR[]) AS pattern) AS m
        ON regexp_matches(c.code, m.pattern)
),
having_it AS (
    SELECT DISTINCT d.patient_id, m.measure
    FROM diagnoses AS d
    JOIN meanings AS m ON m.code = d.code
    WHERE coalesce(d.diagnosed_date <= $as_of::DATE, TRUE)
)
SELECT county_fips, NULL AS measure, count(*) AS people
FROM adults
GROUP BY county_fips
UNION ALL
SELECT a.county_fips, h.measure, count(*)
FROM adults AS a
JOIN having_it AS h ON h.patient_id = a.patient_id
GROUP BY a.county_fips, h.measure
