-- One row per decided claim of a range of positions: what was paid for it, and for each of its lines; at the first of a
-- transaction set also who pays to whom, and how much in all.
WITH batch AS (
    SELECT * FROM written_order WHERE position > $after AND position <= $until
),
told AS (
    SELECT
        *, row_number() OVER (PARTITION BY claim_id ORDER BY line_number, claim_line_id) AS number,
        coalesce(charge_amount, 0) AS charge, coalesce(paid_amount, 0) AS paid, coalesce(deductible_amount, 0) AS deductible,
        coalesce(coinsurance_amount, 0) AS coinsurance, coalesce(copay_amount, 0) AS copay,
        charge - paid - deductible - coinsurance - copay AS other
    FROM claim_lines
    WHERE claim_id IN (SELECT claim_id FROM batch)
),
lines AS (
    SELECT l.claim_id, string_agg({lines}, '' ORDER BY l.number) AS segments, sum({lines_changed}) AS changed
    FROM told AS l
    JOIN claims AS c USING (claim_id)
    GROUP BY l.claim_id
)
SELECT
    o.new_set, o.pay_date, o.set_paid, o.trace,
    CASE WHEN o.new_set THEN right('000000000' || regexp_replace(m.payer_id, '[^0-9]', '', 'g'), 9) END AS payer_number,
    CASE WHEN o.new_set THEN {payer} END AS payer, CASE WHEN o.new_set THEN {payee} END AS payee,
    CASE WHEN o.new_set THEN coalesce({payee_number}, '0000000000') END AS payee_number,
    {claim} || coalesce(lines.segments, '') AS claim, {changed} + coalesce(lines.changed, 0) AS changed
FROM batch AS o
JOIN claims AS c USING (claim_id)
LEFT JOIN lines USING (claim_id)
LEFT JOIN x12_insured AS m ON m.insured_id = o.insured_id
LEFT JOIN x12_insured AS s ON s.insured_id = o.subscriber_id
LEFT JOIN x12_insured AS second ON second.insured_id = 'member ' || c.secondary_member_id
LEFT JOIN x12_parties AS billing ON billing.party_id = o.billing_id
LEFT JOIN x12_parties AS rendering ON rendering.party_id = o.rendering_id
LEFT JOIN patients AS p ON p.patient_id = c.patient_id
ORDER BY o.position
