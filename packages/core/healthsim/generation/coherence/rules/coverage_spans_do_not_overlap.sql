-- The spans of one member number do not overlap.
-- severity: fail
-- columns: members.member_number, members.coverage_start, members.coverage_end
SELECT member_id AS id, member_number, coverage_start, previous_end
FROM (
    SELECT
        member_id, member_number, coverage_start,
        lag(coalesce(coverage_end, DATE '9999-12-31'))
            OVER (PARTITION BY member_number ORDER BY coverage_start, member_id) AS previous_end
    FROM members
    WHERE member_number IS NOT NULL AND coverage_start IS NOT NULL
)
WHERE coverage_start <= previous_end
