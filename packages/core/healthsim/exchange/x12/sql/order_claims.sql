-- One row per claim of those that are meant, in the order in which the loops nest: payer, who bills, subscriber,
-- patient. A transaction set has at most $size claims of one payer; marks tell where a loop opens.
CREATE OR REPLACE TEMP TABLE written_order AS
WITH told AS (
    SELECT
        c.claim_id, c.service_date, coalesce(m.insured_id, p.insured_id, 'nobody') AS insured_id,
        coalesce(m.payer_name, p.payer_name, 'UNKNOWN PAYER') AS payer,
        coalesce({billing_id}, 'nobody') AS billing_id, coalesce(rendering.party_id, 'nobody') AS rendering_id,
        coalesce(place.party_id, 'nobody') AS place_id
    FROM claims AS c
    LEFT JOIN x12_insured AS m ON m.insured_id = 'member ' || c.member_id
    LEFT JOIN x12_insured AS p ON p.insured_id = CASE WHEN m.insured_id IS NULL THEN 'patient ' || c.patient_id END
    LEFT JOIN x12_parties AS organisation ON organisation.party_id = 'facility ' || c.billing_facility_id
    LEFT JOIN x12_parties AS place ON place.party_id = 'facility ' || c.facility_id
    LEFT JOIN x12_parties AS biller ON biller.party_id = 'provider ' || c.billing_provider_id
    LEFT JOIN x12_parties AS rendering ON rendering.party_id = 'provider ' || c.rendering_provider_id
    WHERE
        {condition}
),
whole AS (
    SELECT
        told.*, s.insured_id IS NULL AS is_self, coalesce(s.subscriber_insured_id, told.insured_id) AS subscriber_id
    FROM told
    LEFT JOIN x12_subscribers AS s USING (insured_id)
),
numbered AS (
    SELECT
        *, (row_number() OVER (
            PARTITION BY payer ORDER BY billing_id, subscriber_id, is_self DESC, insured_id, service_date, claim_id
        ) - 1) // $size AS set_number
    FROM whole
),
placed AS (
    SELECT
        * EXCLUDE (service_date), row_number() OVER (
            ORDER BY payer, set_number, billing_id, subscriber_id, is_self DESC, insured_id, service_date, claim_id
        ) AS position
    FROM numbered
)
SELECT
    position, claim_id, insured_id, subscriber_id, billing_id, rendering_id, place_id, is_self,
    opened.new_set, opened.new_set OR billing_id <> before_billing AS new_billing,
    new_billing OR subscriber_id <> before_subscriber OR is_self <> before_self AS new_subscriber,
    new_subscriber OR insured_id <> before_insured AS new_patient
FROM (
    SELECT
        *, coalesce((payer, set_number) <> lag((payer, set_number)) OVER ordered, TRUE) AS new_set,
        lag(billing_id) OVER ordered AS before_billing, lag(subscriber_id) OVER ordered AS before_subscriber,
        lag(is_self) OVER ordered AS before_self, lag(insured_id) OVER ordered AS before_insured
    FROM placed
    WINDOW ordered AS (ORDER BY position)
) AS opened
ORDER BY position
