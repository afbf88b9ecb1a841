-- A member record by its id or its member number (then the last span): who it is, and the span that it names.
-- kind: lookup
SELECT ref, person_key, birth_date_key, geography_key, coverage_key, plan_key
FROM (
    SELECT
        r.ref, p.person_key, p.birth_date_key, p.geography_key, c.coverage_key, c.plan_key,
        row_number() OVER (PARTITION BY r.ref ORDER BY r.place, c.valid_from DESC NULLS LAST, c.member_id) AS choice
    FROM (
        SELECT member_id AS ref, 1 AS place, coverage_key FROM dim_coverage
        UNION ALL
        SELECT member_number, 2, coverage_key FROM dim_coverage WHERE member_number IS NOT NULL AND member_number <> member_id
    ) AS r
    JOIN dim_coverage AS c ON c.coverage_key = r.coverage_key
    JOIN dim_person AS p ON p.person_key = c.person_key
) AS named
WHERE choice = 1
