-- A laboratory result is of the patient of the order that it answers, and not from before it.
-- severity: fail
-- columns: lab_results.order_id, lab_results.patient_id, lab_results.collected_datetime, orders.patient_id,
--   orders.ordered_datetime
SELECT r.lab_result_id AS id, r.order_id, r.patient_id, o.patient_id AS ordered_for, r.collected_datetime, o.ordered_datetime
FROM lab_results AS r
JOIN orders AS o ON o.order_id = r.order_id
WHERE r.patient_id <> o.patient_id OR ($generated AND r.collected_datetime < o.ordered_datetime)
