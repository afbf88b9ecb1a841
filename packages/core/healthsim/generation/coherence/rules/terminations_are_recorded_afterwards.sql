-- The end of coverage is recorded on its last day or later, and only where there is an end.
-- severity: fail when generated
-- columns: members.termination_recorded
SELECT member_id AS id, coverage_start, coverage_end, termination_recorded
FROM members
WHERE termination_recorded < coverage_end OR (termination_recorded IS NOT NULL AND coverage_end IS NULL)
