-- One row per person and condition group that the person has a diagnosis of, in the clinical record or on a claim.
-- kind: fact
-- grain: one row per person and condition
-- holds: diagnoses of conditions
-- dates: first = first_date_key; last = last_date_key
-- how: Claims that are denied or reversed do not count.
-- columns:
--   person_key INTEGER: who
--   condition_group_key INTEGER: what
--   geography_key INTEGER: county of residence
--   age_band_key INTEGER: age at the first diagnosis
--   first_date_key INTEGER: first diagnosis
--   last_date_key INTEGER: last diagnosis
--   first_date DATE: first diagnosis
--   last_date DATE: last diagnosis
--   person_count INTEGER: 1
--   diagnosis_count INTEGER: clinical diagnoses
--   claim_count INTEGER: claims
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
        *, {day_key(first_date)} AS first_key,
        {day_key(last_date)} AS last_key
    FROM found
)
SELECT
    f.person_key, f.condition_group_key, p.geography_key,
    {age_at(p.birth_date_key, f.first_key)} AS age_band_key,
    coalesce(f.first_key, -1) AS first_date_key,
    coalesce(f.last_key, -1) AS last_date_key,
    f.first_date, f.last_date, 1 AS person_count, f.diagnosis_count, f.claim_count
FROM dated AS f
JOIN dim_person AS p ON p.person_key = f.person_key
