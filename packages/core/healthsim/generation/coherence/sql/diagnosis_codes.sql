-- Every code of ICD-10-CM, and the row that has it; codes of other systems are left out.
SELECT diagnosis_id AS id, 'diagnoses' AS "table", code
FROM diagnoses
WHERE coalesce(code_system, 'ICD-10-CM') ILIKE '%icd%10%'
UNION ALL
SELECT claim_id, 'claims', principal_diagnosis
FROM claims
UNION ALL
SELECT claim_id, 'claims', unnest(other_diagnoses ->> '$[*]')
FROM claims
WHERE json_type(other_diagnoses) = 'ARRAY'
