-- A condition stands once on a patient's problem list.
-- severity: warn
-- columns: diagnoses.on_problem_list, diagnoses.patient_id, diagnoses.code
SELECT min(diagnosis_id) AS id, patient_id, code, count(*) AS times
FROM diagnoses
WHERE on_problem_list
GROUP BY patient_id, code
HAVING count(*) > 1
