-- One row per diagnosis code of a claim: the principal one first, then the others, by weights that sum to 1.
WITH code AS (
    SELECT claim_id, principal_diagnosis AS code, 1 AS is_principal FROM claims WHERE principal_diagnosis IS NOT NULL
    UNION ALL
    SELECT claim_id, code, 0 FROM claim_codes
), meant AS (
    SELECT c.claim_id, coalesce(x.diagnosis_key, -1) AS diagnosis_key, max(c.is_principal) AS is_principal
    FROM code AS c
    LEFT JOIN lookup_diagnosis AS x ON x.spelling = c.code
    GROUP BY c.claim_id, coalesce(x.diagnosis_key, -1)
), parts AS (
    SELECT claim_id, count(*) AS parts FROM meant GROUP BY claim_id
)
SELECT
    f.person_key, m.diagnosis_key, f.service_date_key, f.service_date, m.claim_id, 2 - m.is_principal AS sequence_number, m.is_principal,
    1.0E0 / p.parts AS weight
FROM meant AS m
JOIN parts AS p ON p.claim_id = m.claim_id
JOIN fact_claim AS f ON f.claim_id = m.claim_id
