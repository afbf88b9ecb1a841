-- One row per block of diagnoses: what was paid, each claim shared evenly among its diagnoses.
WITH shared AS (
    SELECT b.diagnosis_key, sum(b.weight * f.net_paid_amount) AS paid, sum(b.weight) AS claims, count(DISTINCT b.person_key) AS persons
    FROM analytics.bridge_claim_diagnosis AS b
    JOIN analytics.fact_claim AS f ON f.scenario_key = b.scenario_key AND f.claim_id = b.claim_id
    WHERE b.scenario_key = $scenario AND f.scenario_key = $scenario
    GROUP BY b.diagnosis_key
), unshared AS (
    SELECT coalesce(sum(f.net_paid_amount), 0) AS paid, count(*) AS claims
    FROM analytics.fact_claim AS f
    WHERE f.scenario_key = $scenario AND NOT EXISTS (
        SELECT 1 FROM analytics.bridge_claim_diagnosis AS b WHERE b.scenario_key = $scenario AND b.claim_id = f.claim_id
    )
), block AS (
    SELECT coalesce(x.block_name, 'Unknown') AS diagnosis_block, sum(s.paid) AS paid, sum(s.claims) AS claims
    FROM shared AS s
    LEFT JOIN analytics.dim_diagnosis AS x ON x.diagnosis_key = s.diagnosis_key
    GROUP BY coalesce(x.block_name, 'Unknown')
    UNION ALL
    SELECT 'No diagnosis on the claim', paid, claims FROM unshared WHERE claims > 0
)
SELECT
    diagnosis_block, claims AS allocated_claims, paid AS allocated_paid, 100.0 * paid / nullif(sum(paid) OVER (), 0) AS percent_of_paid,
    paid / nullif(claims, 0) AS paid_per_claim
FROM block
ORDER BY allocated_paid DESC, diagnosis_block
LIMIT $top
