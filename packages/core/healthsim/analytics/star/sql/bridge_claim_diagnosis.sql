-- One row per diagnosis code of a claim; those of one claim share it by weights that sum to 1.
-- kind: fact
-- grain: one row per diagnosis code of a claim
-- how: The principal diagnosis comes first.
-- columns:
--   person_key INTEGER: the member
--   diagnosis_key INTEGER: the diagnosis
--   service_date_key INTEGER: first day of service
--   service_date DATE: the same
--   claim_id VARCHAR: degenerate
--   sequence_number INTEGER: 1 principal, 2 the others
--   is_principal INTEGER: 1 for the principal diagnosis
--   weight DOUBLE: 1 / different codes of the claim
WITH other AS (
    SELECT c.claim_id, coalesce(x.diagnosis_key, -1) AS diagnosis_key
    FROM claim_codes AS c
    LEFT JOIN lookup_diagnosis AS x ON x.spelling = c.code
    GROUP BY c.claim_id, coalesce(x.diagnosis_key, -1)
), further AS (
    -- another spelling of the principal diagnosis is not another one
    SELECT
        f.claim_id, f.person_key, f.service_date_key, f.service_date, o.diagnosis_key,
        CASE WHEN f.principal_diagnosis_key > 0 THEN 1 ELSE 0 END AS principals
    FROM other AS o
    JOIN fact_claim AS f ON f.claim_id = o.claim_id
    WHERE f.principal_diagnosis_key < 0 OR f.principal_diagnosis_key <> o.diagnosis_key
), number_of AS (
    SELECT claim_id, count(*) AS others FROM further GROUP BY claim_id
)
SELECT
    f.person_key, f.principal_diagnosis_key AS diagnosis_key, f.service_date_key, f.service_date, f.claim_id, 1 AS sequence_number,
    1 AS is_principal, 1.0E0 / (1 + coalesce(n.others, 0)) AS weight
FROM fact_claim AS f
LEFT JOIN number_of AS n ON n.claim_id = f.claim_id
WHERE f.principal_diagnosis_key > 0
UNION ALL
SELECT
    r.person_key, r.diagnosis_key, r.service_date_key, r.service_date, r.claim_id, 2, 0, 1.0E0 / (r.principals + n.others)
FROM further AS r
JOIN number_of AS n ON n.claim_id = r.claim_id
