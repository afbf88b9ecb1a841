-- One row per block of diagnoses: what was paid, each claim shared evenly among its diagnoses.
WITH shared AS (
    SELECT
        b.diagnosis_key, sum(coalesce(b.weight, 1) * CAST(f.net_paid_amount AS DOUBLE)) AS paid,
        sum(coalesce(b.weight, 1)) AS claims
    FROM (SELECT claim_id, net_paid_amount FROM analytics.fact_claim WHERE scenario_key = $scenario) AS f
    LEFT JOIN (
        SELECT claim_id, diagnosis_key, weight FROM analytics.bridge_claim_diagnosis WHERE scenario_key = $scenario
    ) AS b ON b.claim_id = f.claim_id
    GROUP BY b.diagnosis_key
), block AS (
    SELECT
        CASE WHEN s.diagnosis_key IS NULL THEN 'No diagnosis on the claim' ELSE coalesce(x.block_name, 'Unknown') END AS diagnosis_block,
        sum(s.paid) AS paid, sum(s.claims) AS claims
    FROM shared AS s
    LEFT JOIN analytics.dim_diagnosis AS x ON x.diagnosis_key = s.diagnosis_key
    GROUP BY 1
)
SELECT
    diagnosis_block, claims AS allocated_claims, paid AS allocated_paid, 100.0 * paid / nullif(sum(paid) OVER (), 0) AS percent_of_paid,
    paid / nullif(claims, 0) AS paid_per_claim
FROM block
ORDER BY round(allocated_paid, 2) DESC, diagnosis_block
LIMIT $top
