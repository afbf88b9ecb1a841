-- One row per span of coverage of a range of positions: payer and provider where a transaction set opens, the family where
-- it begins, the question and, for $answers, what the plan covers and how much of its limits has been used.
WITH used AS (
    SELECT
        'member ' || member_id AS insured_id,
        max(limit_amount - applied_amount) FILTER (WHERE accumulator_type = 'deductible' AND level = 'individual')
            AS deductible_left,
        max(limit_amount - applied_amount) FILTER (WHERE accumulator_type = 'oop_max' AND level = 'individual') AS oop_left
    FROM (
        SELECT * FROM accumulators
        WHERE member_id IS NOT NULL
        QUALIFY rank() OVER (PARTITION BY member_id ORDER BY plan_year DESC) = 1
    )
    GROUP BY member_id
)
SELECT
    o.new_set, o.new_family, o.is_self, CASE WHEN o.new_set THEN {payer} END AS payer,
    CASE WHEN o.new_set THEN {provider} END AS provider,
    CASE WHEN o.new_family AND NOT o.is_self THEN {subscriber} END AS subscriber,
    CASE WHEN o.is_self THEN {insured} ELSE {dependent} END AS person, {changed} AS changed
FROM written_order AS o
JOIN x12_insured AS m USING (insured_id)
JOIN x12_insured AS s ON s.insured_id = o.subscriber_id
LEFT JOIN x12_parties AS pcp ON pcp.party_id = o.pcp_id
LEFT JOIN used AS a ON a.insured_id = o.insured_id
WHERE o.position > $after AND o.position <= $until
ORDER BY o.position
