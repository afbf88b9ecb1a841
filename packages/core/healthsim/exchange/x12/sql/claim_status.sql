-- One row per claim of a range of positions: the loops of a question about it, or of the answer.
SELECT
    o.new_set, o.new_billing, o.new_subscriber, o.new_patient, o.is_self, CASE WHEN o.new_set THEN {payer} END AS payer,
    CASE WHEN o.new_billing THEN {provider} END AS provider,
    CASE WHEN o.new_subscriber THEN {subscriber} END AS subscriber,
    CASE WHEN o.new_patient AND NOT o.is_self THEN {dependent} END AS dependent, {claim} AS claim, {changed} AS changed
FROM written_order AS o
JOIN claims AS c USING (claim_id)
LEFT JOIN x12_insured AS m ON m.insured_id = o.insured_id
LEFT JOIN x12_insured AS s ON s.insured_id = o.subscriber_id
LEFT JOIN x12_parties AS billing ON billing.party_id = o.billing_id
WHERE o.position > $after AND o.position <= $until
ORDER BY o.position
