-- The last day of care or of a bill.
SELECT max(day)
FROM (SELECT max(start_datetime)::DATE AS day FROM encounters UNION ALL SELECT max(service_date) FROM claims)
