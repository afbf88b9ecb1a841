-- One row per span of coverage: what was true of a member from one day to another (slowly changing, type 2).
-- kind: scoped
-- natural key: member_id
-- rows: members.member_id
-- columns:
--   person_key INTEGER: who is covered
--   plan_key INTEGER: by which plan
--   pcp_provider_key INTEGER: primary care provider of the span
--   member_id VARCHAR: the span's record
--   member_number VARCHAR: the member's number, the same for all spans
--   subscriber_id VARCHAR: who holds the contract
--   relationship_code VARCHAR: to the subscriber
--   group_id VARCHAR: employer group
--   coverage_status VARCHAR: as recorded
--   valid_from DATE: first day covered
--   valid_to DATE: last day covered; 9999-12-31 when open
--   pays_first INTEGER: 0 for coverage that pays of what another one of the person leaves
--   is_current INTEGER: 1 for the person's last span that pays first
WITH span AS (
    SELECT
        l.person_key, m.member_id, m.member_number, m.subscriber_id, m.relationship_code, m.group_id, m.coverage_status,
        CASE
            WHEN coalesce(m.coverage_order, 1) > min(coalesce(m.coverage_order, 1)) OVER (PARTITION BY l.person_key) THEN 0 ELSE 1
        END AS pays_first,
        coalesce(m.plan_id, m.plan_code) AS plan_ref, m.plan_code, m.pcp_provider_id,
        m.coverage_start AS valid_from,
        CASE WHEN m.coverage_end IS NULL OR m.coverage_end >= DATE '2099-01-01' THEN DATE '9999-12-31' ELSE m.coverage_end END AS valid_to
    FROM members AS m
    JOIN person_links AS l ON l.entity_type = 'member' AND l.entity_id = m.member_id
)
SELECT
    s.person_key, coalesce(p.plan_key, c.plan_key, -1) AS plan_key, coalesce(v.provider_key, -1) AS pcp_provider_key,
    s.member_id, s.member_number, s.subscriber_id, s.relationship_code, s.group_id, s.coverage_status,
    s.valid_from, s.valid_to, s.pays_first,
    CASE
        WHEN row_number() OVER (PARTITION BY s.person_key ORDER BY s.pays_first DESC, s.valid_from DESC NULLS LAST, s.valid_to DESC, s.member_id DESC) = 1
            THEN 1 ELSE 0
    END AS is_current
FROM span AS s
LEFT JOIN lookup_plan AS p ON p.ref = s.plan_ref
LEFT JOIN lookup_plan AS c ON c.ref = s.plan_code
LEFT JOIN lookup_provider AS v ON v.ref = s.pcp_provider_id
