-- A laboratory result is reported after its specimen was taken.
-- severity: fail
-- columns: lab_results.collected_datetime, lab_results.resulted_datetime
SELECT lab_result_id AS id, collected_datetime, resulted_datetime
FROM lab_results
WHERE resulted_datetime < collected_datetime
