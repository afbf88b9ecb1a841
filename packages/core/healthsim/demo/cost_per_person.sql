WITH family AS (SELECT scenario_id FROM scenarios WHERE name = $scenario)
SELECT
    p.given_name AS person,
    count(DISTINCT c.claim_id) AS claims,
    sum(c.total_paid) AS medical_paid,
    any_value(rx.fills) AS fills,
    any_value(rx.paid) AS pharmacy_paid
FROM persons AS p
JOIN members AS m USING (scenario_id, person_id)
LEFT JOIN claims AS c USING (scenario_id, member_id)
LEFT JOIN (
    SELECT r.scenario_id, r.person_id, count(*) AS fills, sum(f.plan_paid_amount) AS paid
    FROM rx_members AS r
    JOIN pharmacy_claims AS f USING (scenario_id, rx_member_id)
    GROUP BY ALL
) AS rx USING (scenario_id, person_id)
WHERE p.scenario_id IN (FROM family)
GROUP BY p.person_id, p.given_name
ORDER BY medical_paid DESC, person
