SELECT code, max(description), count(DISTINCT coalesce(patient_id, diagnosis_id)) AS patients
FROM main.diagnoses
WHERE scenario_id = $scenario::UUID AND code IS NOT NULL
GROUP BY code
ORDER BY patients DESC, code
LIMIT $limit
