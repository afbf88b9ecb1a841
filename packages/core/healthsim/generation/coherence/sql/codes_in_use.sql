-- Every code with dates of its own system, the row that has it, and the first and the last day on which it was used. What
-- an encounter or a claim says may be coded on any of its days.
WITH contacts AS (
    SELECT
        encounter_id, start_datetime::DATE AS first_day, coalesce(end_datetime, start_datetime)::DATE AS last_day,
        drg_code, reason_code, reason_code_system, admitting_diagnosis
    FROM encounters
    WHERE start_datetime IS NOT NULL
),
bills AS (
    SELECT
        claim_id, service_date AS first_day, coalesce(service_end_date, discharge_date, service_date) AS last_day,
        drg_code, principal_diagnosis, other_diagnoses, place_of_service
    FROM claims
    WHERE service_date IS NOT NULL
)
SELECT encounter_id AS id, 'encounters' AS "table", 'MS-DRG' AS "system", drg_code AS code, first_day, last_day
FROM contacts
WHERE drg_code IS NOT NULL
UNION ALL
SELECT encounter_id, 'encounters', 'ICD-10-CM', reason_code, first_day, last_day
FROM contacts
WHERE reason_code_system ILIKE '%icd%10%' AND reason_code IS NOT NULL
UNION ALL
SELECT encounter_id, 'encounters', 'ICD-10-CM', admitting_diagnosis, first_day, last_day
FROM contacts
WHERE regexp_matches(admitting_diagnosis, '^[A-Z]\d[\dA-Z](\.|$)')
UNION ALL
SELECT d.diagnosis_id, 'diagnoses', 'ICD-10-CM', d.code, coalesce(c.first_day, d.diagnosed_date), coalesce(c.last_day, d.diagnosed_date)
FROM diagnoses AS d
LEFT JOIN contacts AS c ON c.encounter_id = d.encounter_id
WHERE coalesce(d.code_system, 'ICD-10-CM') ILIKE '%icd%10%' AND coalesce(c.first_day, d.diagnosed_date) IS NOT NULL
UNION ALL
SELECT claim_id, 'claims', 'MS-DRG', drg_code, first_day, last_day
FROM bills
WHERE drg_code IS NOT NULL
UNION ALL
SELECT claim_id, 'claims', 'ICD-10-CM', principal_diagnosis, first_day, last_day
FROM bills
WHERE regexp_matches(principal_diagnosis, '^[A-Z]\d[\dA-Z](\.|$)')
UNION ALL
SELECT claim_id, 'claims', 'ICD-10-CM', unnest(other_diagnoses ->> '$[*]'), first_day, last_day
FROM bills
WHERE json_type(other_diagnoses) = 'ARRAY'
UNION ALL
SELECT claim_id, 'claims', 'place of service', place_of_service, first_day, last_day
FROM bills
WHERE place_of_service IS NOT NULL
UNION ALL
SELECT l.claim_line_id, 'claim_lines', 'CPT', l.procedure_code, coalesce(l.service_date, b.first_day), coalesce(l.service_date, b.last_day)
FROM claim_lines AS l
LEFT JOIN bills AS b ON b.claim_id = l.claim_id
WHERE l.procedure_code IS NOT NULL AND coalesce(l.service_date, b.first_day) IS NOT NULL
UNION ALL
SELECT procedure_id, 'procedures', 'CPT', code, performed_datetime::DATE, performed_datetime::DATE
FROM procedures
WHERE coalesce(code_system, 'CPT') IN ('CPT', 'HCPCS') AND code IS NOT NULL AND performed_datetime IS NOT NULL
UNION ALL
SELECT immunization_id, 'immunizations', 'CVX', cvx_code, administered_date, administered_date
FROM immunizations
WHERE cvx_code IS NOT NULL AND administered_date IS NOT NULL
UNION ALL
SELECT medication_id, 'medications', 'NDC', ndc, start_date, start_date
FROM medications
WHERE ndc IS NOT NULL AND start_date IS NOT NULL
UNION ALL
SELECT prescription_id, 'prescriptions', 'NDC', ndc, written_date, written_date
FROM prescriptions
WHERE ndc IS NOT NULL AND written_date IS NOT NULL
UNION ALL
SELECT pharmacy_claim_id, 'pharmacy_claims', 'NDC', ndc, service_date, service_date
FROM pharmacy_claims
WHERE ndc IS NOT NULL AND service_date IS NOT NULL
