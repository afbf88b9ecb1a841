-- One row per claim of a range of positions: the texts of its loops; those of a loop that holds several claims only where
-- it opens.
WITH batch AS (
    SELECT * FROM written_order WHERE position > $after AND position <= $until
),
givers AS MATERIALIZED (
    SELECT rendering.party_id, rendering.entity_type, {giver} AS segments, {giver_changed} AS changed
    FROM x12_parties AS rendering
),
places AS MATERIALIZED (
    SELECT place.party_id, {place} AS segments, {place_changed} AS changed FROM x12_parties AS place
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY claim_id ORDER BY line_number, claim_line_id) AS number
    FROM claim_lines
    WHERE claim_id IN (SELECT claim_id FROM batch)
),
lines AS (
    SELECT l.claim_id, string_agg({lines}, '' ORDER BY l.number) AS segments, sum({lines_changed}) AS changed
    FROM numbered AS l
    JOIN claims AS c USING (claim_id)
    GROUP BY l.claim_id
)
SELECT
    o.new_set, o.new_billing, o.new_subscriber, o.new_patient, o.is_self,
    CASE WHEN o.new_set THEN {receiver} END AS receiver,
    CASE WHEN o.new_billing THEN {billing} END AS billing,
    CASE WHEN o.new_subscriber THEN {subscriber} END AS subscriber,
    CASE WHEN o.new_patient AND NOT o.is_self THEN {patient} END AS patient,
    concat(
        {claim}, CASE WHEN {has_giver} THEN rendering.segments END,
        CASE WHEN o.place_id <> o.billing_id THEN place.segments END,
        CASE WHEN second.insured_id IS NOT NULL THEN {second} END
    ) AS claim,
    lines.segments, lines.changed + {changed} + CASE WHEN {has_giver} THEN rendering.changed ELSE 0 END
    + CASE WHEN o.place_id <> o.billing_id THEN coalesce(place.changed, 0) ELSE 0 END
    + CASE WHEN second.insured_id IS NOT NULL THEN {second_changed} ELSE 0 END AS changed
FROM batch AS o
JOIN claims AS c USING (claim_id)
JOIN lines USING (claim_id)
LEFT JOIN x12_insured AS m ON m.insured_id = o.insured_id
LEFT JOIN x12_insured AS s ON s.insured_id = o.subscriber_id
LEFT JOIN x12_insured AS second ON second.insured_id = 'member ' || c.secondary_member_id
LEFT JOIN x12_parties AS billing ON billing.party_id = o.billing_id
LEFT JOIN givers AS rendering ON rendering.party_id = o.rendering_id
LEFT JOIN places AS place ON place.party_id = o.place_id
LEFT JOIN patients AS p ON p.patient_id = c.patient_id
LEFT JOIN encounters AS e ON e.encounter_id = c.encounter_id
ORDER BY o.position
