-- A claim is received after the service, decided after that, and paid or sent back last.
-- severity: fail
-- columns: claims.service_date, claims.service_end_date, claims.received_date, claims.adjudicated_date,
--   claims.paid_date, claims.remittance_date
SELECT claim_id AS id, service_date, service_end_date, received_date, adjudicated_date, paid_date
FROM claims
WHERE service_end_date < service_date
    OR received_date < coalesce(service_end_date, service_date)
    OR adjudicated_date < coalesce(received_date, service_end_date, service_date)
    OR remittance_date < coalesce(adjudicated_date, received_date, service_end_date, service_date)
    OR paid_date < coalesce(adjudicated_date, received_date, service_end_date, service_date)
    OR discharge_date < admission_date
