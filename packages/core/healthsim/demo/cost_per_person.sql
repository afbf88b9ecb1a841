WITH family AS (SELECT scenario_id FROM scenarios WHERE name = $scenario)
SELECT
    p.given_name AS person,
    count(DISTINCT c.claim_id) AS claims,
    sum(c.total_paid) AS medical_paid,
    any_value(rx.fills) AS fills,
    any_value(rx.paid) AS pharmacy_paid
FROM persons AS p
JOIN members AS m ON m.scenario_id = p.scenario_id AND m.person_id = p.person_id
LEFT JOIN claims AS c ON c.scenario_id = m.scenario_id AND c.member_id = m.member_id
LEFT JOIN (
    SELECT r.scenario_id, r.person_id, count(*) AS fills, sum(f.plan_paid_amount) AS paid
    FROM rx_members AS r
    JOIN pharmacy_claims AS f ON f.scenario_id = r.scenario_id AND f.rx_member_id = r.rx_member_id
    GROUP BY ALL
) AS rx ON rx.scenario_id = p.scenario_id AND rx.person_id = p.person_id
WHERE p.scenario_id IN (FROM family)
GROUP BY p.person_id, p.given_name
ORDER BY medical_paid DESC, person
