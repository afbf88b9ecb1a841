-- Children have Medicare for kidney failure only (42 USC 426, 426-1).
-- severity: warn
-- columns: members.birth_date, members.coverage_start, plans.line_of_business
SELECT m.member_id AS id, m.birth_date, m.coverage_start
FROM members AS m
JOIN plans AS p ON p.plan_id = m.plan_id
WHERE p.line_of_business = 'medicare' AND datesub('year', m.birth_date, m.coverage_start) < 18
    AND NOT EXISTS (SELECT 1 FROM diagnoses AS d WHERE d.patient_id = m.patient_id AND d.code = 'N18.6')
