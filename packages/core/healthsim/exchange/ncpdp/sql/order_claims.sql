-- One row per pharmacy claim, in the order in which they are written: person by person, as they were dispensed.
CREATE OR REPLACE TEMP TABLE written_order AS
SELECT row_number() OVER (ORDER BY rx_member_id, service_date, pharmacy_claim_id) AS position, pharmacy_claim_id
FROM pharmacy_claims
ORDER BY position
