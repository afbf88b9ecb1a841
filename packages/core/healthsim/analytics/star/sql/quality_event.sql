-- What quality measures look for, by person, concept and year: coded procedures, diagnoses, results and drugs. Claims
-- that are denied or reversed tell of no care.
-- kind: work
-- empty without: patients, members
WITH concept AS (
    SELECT 'procedure' AS kind, d.procedure_key AS code_key, r.value AS concept
    FROM dim_procedure AS d
    JOIN code_rules AS r ON r.rule_set = 'quality_procedure' AND d.code BETWEEN r.code_from AND r.code_to AND length(d.code) = length(r.code_from)
    UNION ALL
    SELECT 'diagnosis', d.diagnosis_key, r.value
    FROM dim_diagnosis AS d
    JOIN code_rules AS r
        ON r.rule_set = 'quality_diagnosis'
        AND substring(replace(d.code, '.', ''), 1, length(r.code_from)) BETWEEN r.code_from AND r.code_to
    UNION ALL
    SELECT 'observation', observation_type_key, analyte FROM dim_observation_type WHERE analyte IN ('hba1c', 'egfr', 'uacr', 'fit', 'pap', 'hpv')
    UNION ALL
    SELECT 'drug', drug_key, lower(drug_class) FROM dim_drug WHERE drug_class IN ('Statin')
), event AS (
    SELECT f.person_key, c.concept, f.performed_date AS seen
    FROM fact_procedure AS f
    JOIN concept AS c ON c.kind = 'procedure' AND c.code_key = f.procedure_key
    UNION ALL
    SELECT f.person_key, c.concept, f.service_date
    FROM fact_claim_line AS f
    JOIN concept AS c ON c.kind = 'procedure' AND c.code_key = f.procedure_key
    LEFT JOIN fact_claim AS k ON k.claim_id = f.claim_id
    WHERE f.denied_count = 0 AND coalesce(k.reversed_count, 0) = 0
    UNION ALL
    SELECT f.person_key, c.concept, f.diagnosed_date
    FROM bridge_encounter_diagnosis AS f
    JOIN concept AS c ON c.kind = 'diagnosis' AND c.code_key = f.diagnosis_key
    UNION ALL
    SELECT f.person_key, c.concept, f.service_date
    FROM bridge_claim_diagnosis AS f
    JOIN concept AS c ON c.kind = 'diagnosis' AND c.code_key = f.diagnosis_key
    JOIN fact_claim AS k ON k.claim_id = f.claim_id
    WHERE k.denied_count = 0 AND k.reversed_count = 0
    UNION ALL
    SELECT f.person_key, c.concept, f.observed_date
    FROM fact_observation AS f
    JOIN concept AS c ON c.kind = 'observation' AND c.code_key = f.observation_type_key
    WHERE f.vital_sign_count = 0
    UNION ALL
    SELECT f.person_key, c.concept, f.start_date
    FROM fact_medication_order AS f
    JOIN concept AS c ON c.kind = 'drug' AND c.code_key = f.drug_key
    UNION ALL
    SELECT f.person_key, c.concept, f.service_date
    FROM fact_rx_fill AS f
    JOIN concept AS c ON c.kind = 'drug' AND c.code_key = f.drug_key
    WHERE f.fill_count = 1
)
SELECT
    person_key, concept, year(seen) AS "year", min(seen) AS first_date, max(seen) AS last_date
FROM event
WHERE person_key > 0 AND seen IS NOT NULL
GROUP BY person_key, concept, year(seen)
