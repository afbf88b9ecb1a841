-- Of those whom Medicare covers on the last day, how many Medicaid covers as well.
WITH covered AS (
    SELECT
        coalesce(m.person_id, m.patient_id, m.member_number) AS person,
        bool_or(p.line_of_business = 'medicare') AS medicare, bool_or(p.line_of_business = 'medicaid') AS medicaid
    FROM members AS m
    JOIN plans AS p ON p.plan_id = m.plan_id
    WHERE m.coverage_start <= $as_of::DATE AND coalesce(m.coverage_end, DATE '9999-12-31') >= $as_of::DATE
    GROUP BY person
)
SELECT
    count(*) FILTER (medicare) AS n,
    100.0 * count(*) FILTER (medicare AND medicaid) / nullif(count(*) FILTER (medicare), 0) AS percent_dual
FROM covered
