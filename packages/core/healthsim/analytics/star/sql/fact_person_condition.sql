-- One row per person and condition group, from clinical diagnoses and from claims that are not denied or reversed.
WITH evidence AS (
    SELECT b.person_key, g.condition_group_key, b.diagnosed_date AS seen, 1 AS diagnosis_count, 0 AS claim_count
    FROM bridge_encounter_diagnosis AS b
    JOIN bridge_diagnosis_group AS g ON g.diagnosis_key = b.diagnosis_key
    WHERE b.person_key > 0
    UNION ALL
    SELECT b.person_key, g.condition_group_key, min(b.service_date), 0, 1
    FROM bridge_claim_diagnosis AS b
    JOIN bridge_diagnosis_group AS g ON g.diagnosis_key = b.diagnosis_key
    JOIN fact_claim AS c ON c.claim_id = b.claim_id
    WHERE b.person_key > 0 AND c.denied_count = 0 AND c.reversed_count = 0
    GROUP BY b.person_key, g.condition_group_key, b.claim_id
), found AS (
    SELECT
        person_key, condition_group_key, min(seen) AS first_date, max(seen) AS last_date, sum(diagnosis_count) AS diagnosis_count,
        sum(claim_count) AS claim_count
    FROM evidence
    GROUP BY person_key, condition_group_key
), dated AS (
    SELECT
        *, year(first_date) * 10000 + month(first_date) * 100 + day(first_date) AS first_key,
        year(last_date) * 10000 + month(last_date) * 100 + day(last_date) AS last_key
    FROM found
)
SELECT
    f.person_key, f.condition_group_key, p.geography_key,
    CASE
        WHEN p.birth_date_key < 0 OR f.first_key IS NULL THEN -1
        ELSE greatest(-1, least(120, (f.first_key - p.birth_date_key + 10000) // 10000 - 1))
    END AS age_band_key,
    coalesce(f.first_key, -1) AS first_date_key,
    coalesce(f.last_key, -1) AS last_date_key,
    f.first_date, f.last_date, 1 AS person_count, f.diagnosis_count, f.claim_count
FROM dated AS f
JOIN dim_person AS p ON p.person_key = f.person_key
