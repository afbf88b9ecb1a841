-- One row per span of coverage of somebody who is not the subscriber: the span of the subscriber, where there is one.
SELECT
    'member ' || m.member_id AS insured_id,
    'member ' || arg_max(
        s.member_id, (s.plan_id IS NOT DISTINCT FROM m.plan_id, s.coverage_start <= m.coverage_start, s.member_id)
    ) AS subscriber_insured_id
FROM members AS m
LEFT JOIN members AS s ON m.subscriber_id = s.member_number AND m.member_id <> s.member_id
WHERE m.relationship_code <> '18' AND m.subscriber_id IS DISTINCT FROM m.member_number
GROUP BY m.member_id
