-- Coverage ends on or after the day on which it starts.
-- severity: fail
-- any of: members.coverage_start, members.coverage_end, rx_members.effective_date, rx_members.termination_date
SELECT member_id AS id, 'members' AS "table", coverage_start AS first_day, coverage_end AS last_day
FROM members
WHERE coverage_end < coverage_start
UNION ALL
SELECT rx_member_id, 'rx_members', effective_date, termination_date
FROM rx_members
WHERE termination_date < effective_date
