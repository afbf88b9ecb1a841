-- Coverage by day, without overlap: where spans of a person overlap, the one that started last counts; what pays second does not.
-- kind: lookup
WITH span AS (
    SELECT person_key, coverage_key, plan_key, pcp_provider_key, member_id, valid_from, valid_to
    FROM dim_coverage
    WHERE valid_from <= valid_to AND person_key > 0 AND pays_first = 1
), checked AS (
    SELECT
        *,
        max(valid_to) OVER (PARTITION BY person_key ORDER BY valid_from, valid_to, member_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM span
), mixed AS (
    SELECT DISTINCT person_key FROM checked WHERE before >= valid_from
), edge AS (
    SELECT s.person_key, s.valid_from AS boundary FROM span AS s JOIN mixed AS m ON m.person_key = s.person_key
    UNION
    SELECT s.person_key, s.valid_to + INTERVAL 1 DAY FROM span AS s JOIN mixed AS m ON m.person_key = s.person_key WHERE s.valid_to < DATE '9999-12-31'
), piece AS (
    SELECT
        person_key, CAST(boundary AS DATE) AS first_day,
        coalesce(CAST(lead(boundary) OVER (PARTITION BY person_key ORDER BY boundary) - INTERVAL 1 DAY AS DATE), DATE '9999-12-31') AS last_day
    FROM edge
), chosen AS (
    SELECT
        p.person_key, p.first_day, p.last_day, s.coverage_key, s.plan_key, s.pcp_provider_key,
        row_number() OVER (
            PARTITION BY p.person_key, p.first_day ORDER BY s.valid_from DESC, s.valid_to DESC, s.member_id DESC
        ) AS place
    FROM piece AS p
    JOIN span AS s ON s.person_key = p.person_key AND s.valid_from <= p.first_day AND s.valid_to >= p.last_day
)
SELECT c.person_key, c.valid_from AS first_day, c.valid_to AS last_day, c.coverage_key, c.plan_key, c.pcp_provider_key
FROM checked AS c
WHERE NOT EXISTS (SELECT 1 FROM mixed AS m WHERE m.person_key = c.person_key)
UNION ALL
SELECT person_key, first_day, last_day, coverage_key, plan_key, pcp_provider_key
FROM chosen
WHERE place = 1
