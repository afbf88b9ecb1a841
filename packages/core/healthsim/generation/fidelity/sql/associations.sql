-- How pairs of measures go together in living adults: the Mantel-Haenszel odds ratio over strata of age and sex, the
-- crude share of those with the first who have the second, and how many have both.
WITH adults AS (
    SELECT patient_id, gender, least(datesub('year', birth_date, $as_of::DATE) // 10, 8) AS decade
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
    SELECT d.patient_id, list(DISTINCT m.measure) AS measures
    FROM diagnoses AS d
    JOIN meanings AS m ON m.code = d.code
    WHERE coalesce(d.diagnosed_date <= $as_of::DATE, TRUE)
    GROUP BY d.patient_id
),
strata AS (
    SELECT
        p.one, p.other, a.gender, a.decade, count(*)::DOUBLE AS n,
        count(*) FILTER (coalesce(list_contains(h.measures, p.one), FALSE)) AS n_one,
        count(*) FILTER (coalesce(list_contains(h.measures, p.other), FALSE)) AS n_other,
        count(*) FILTER (coalesce(list_has_all(h.measures, [p.one, p.other]), FALSE)) AS n_both
    FROM adults AS a
    CROSS JOIN (SELECT unnest($ones::VARCHAR[]) AS one, unnest($others::VARCHAR[]) AS other) AS p
    LEFT JOIN having_it AS h ON h.patient_id = a.patient_id
    GROUP BY ALL
)
SELECT
    one, other,
    sum(n_both * (n - n_one - n_other + n_both) / n)
        / nullif(sum((n_one - n_both) * (n_other - n_both) / n), 0) AS odds_ratio,
    100 * sum(n_both) / nullif(sum(n_one), 0) AS share,
    sum(n_both)::BIGINT AS n
FROM strata
GROUP BY one, other
