SELECT code, max(description), count(DISTINCT coalesce(patient_id, diagnosis_id)) AS patients
FROM diagnoses
WHERE code IS NOT NULL
GROUP BY code
ORDER BY patients DESC, code
LIMIT $limit
