-- A specimen is of one patient, and of one kind.
-- severity: fail when generated
-- columns: lab_results.specimen_id, lab_results.specimen_code, lab_results.patient_id
SELECT min(lab_result_id) AS id, specimen_id, count(DISTINCT patient_id) AS patients, count(DISTINCT specimen_code) AS kinds
FROM lab_results
WHERE specimen_id IS NOT NULL
GROUP BY specimen_id
HAVING count(DISTINCT patient_id) > 1 OR count(DISTINCT specimen_code) > 1
