-- One row per claim that was decided, in the order of remittances: payer, payee, day, patient. A transaction set is what one
-- payer pays to one payee on one day.
CREATE OR REPLACE TEMP TABLE written_order AS
WITH billed AS (
    SELECT claim_id, sum(charge_amount) AS charge, sum(paid_amount) AS paid FROM claim_lines GROUP BY claim_id
),
told AS (
    SELECT
        c.claim_id, coalesce(m.insured_id, p.insured_id, 'nobody') AS insured_id,
        coalesce(m.payer_name, p.payer_name, 'UNKNOWN PAYER') AS payer, coalesce({billing_id}, 'nobody') AS billing_id,
        coalesce(rendering.party_id, 'nobody') AS rendering_id,
        coalesce(
            c.paid_date, c.remittance_date, c.adjudicated_date, c.received_date, c.service_end_date, c.service_date,
            $today::DATE
        ) AS pay_date,
        coalesce(c.total_charge, billed.charge, 0) AS charge, coalesce(c.total_paid, billed.paid, 0) AS paid,
        charge - paid - coalesce(billed.charge - billed.paid, 0) AS beyond_lines
    FROM claims AS c
    LEFT JOIN billed USING (claim_id)
    LEFT JOIN x12_insured AS m ON m.insured_id = 'member ' || c.member_id
    LEFT JOIN x12_insured AS p ON p.insured_id = CASE WHEN m.insured_id IS NULL THEN 'patient ' || c.patient_id END
    LEFT JOIN x12_parties AS organisation ON organisation.party_id = 'facility ' || c.billing_facility_id
    LEFT JOIN x12_parties AS place ON place.party_id = 'facility ' || c.facility_id
    LEFT JOIN x12_parties AS biller ON biller.party_id = 'provider ' || c.billing_provider_id
    LEFT JOIN x12_parties AS rendering ON rendering.party_id = 'provider ' || c.rendering_provider_id
    WHERE c.status IN ('paid', 'denied', 'reversed')
),
placed AS (
    SELECT
        told.*, coalesce(s.subscriber_insured_id, insured_id) AS subscriber_id, row_number() OVER (ORDER BY payer, billing_id, pay_date, insured_id, claim_id) AS position,
        sum(paid) OVER (PARTITION BY payer, billing_id, pay_date) AS set_paid
    FROM told
    LEFT JOIN x12_subscribers AS s USING (insured_id)
)
SELECT
    position, claim_id, insured_id, subscriber_id, billing_id, rendering_id, pay_date, charge, paid, beyond_lines, set_paid,
    left(upper(md5(concat(payer, '|', billing_id, '|', pay_date))), 15) AS trace,
    coalesce((payer, billing_id, pay_date) <> lag((payer, billing_id, pay_date)) OVER (ORDER BY position), TRUE) AS new_set
FROM placed
ORDER BY position
