-- Persons by calendar year of the data: alive at its end; members must be covered on its last day (or the last day of
-- the data).
-- kind: work
-- empty without: patients, members
WITH calendar AS (
    SELECT DISTINCT d."year", d.full_date AS end_day, d.date_key AS end_key, least(d.full_date, s.data_end_date) AS observed_day
    FROM dim_date AS d
    CROSS JOIN dim_scenario AS s
    WHERE d."month" = 12 AND d.day_of_month = 31 AND d."year" BETWEEN year(s.data_start_date) AND year(s.data_end_date)
)
SELECT
    p.person_key, c."year", c.end_day, c.end_key, p.gender, p.geography_key, p.birth_date,
    {age_at(p.birth_date_key, c.end_key)} AS age,
    coalesce(k.plan_key, -2) AS plan_key, coalesce(nullif(k.pcp_provider_key, -1), p.primary_care_provider_key) AS pcp_provider_key
FROM dim_person AS p
CROSS JOIN calendar AS c
LEFT JOIN lookup_coverage AS k ON k.person_key = p.person_key AND c.observed_day BETWEEN k.first_day AND k.last_day
WHERE p.birth_date_key > 0 AND p.birth_date_key <= c.end_key AND (p.is_patient = 1 OR p.is_member = 1)
    -- of who died on an unknown day, no year is known to be lived
    AND (p.death_date > c.observed_day OR (p.death_date IS NULL AND p.is_deceased = 0)) AND (p.is_member = 0 OR k.coverage_key IS NOT NULL)
