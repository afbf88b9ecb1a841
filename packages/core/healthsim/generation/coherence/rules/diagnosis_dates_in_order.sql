-- A condition begins, is found, and ends, in this order.
-- severity: fail
-- columns: diagnoses.onset_date, diagnoses.diagnosed_date, diagnoses.resolved_date
SELECT diagnosis_id AS id, onset_date, diagnosed_date, resolved_date
FROM diagnoses
WHERE onset_date > diagnosed_date OR onset_date > resolved_date OR diagnosed_date > resolved_date
