-- One row per code in use, with its name where only the name may tell the drug.
SELECT DISTINCT 'Condition' AS home, vocabulary, coalesce(code, '') AS code, '' AS name FROM stage_diagnosis
UNION
SELECT DISTINCT 'Procedure', vocabulary, coalesce(code, ''), '' FROM stage_procedure
UNION
SELECT DISTINCT 'Measurement', vocabulary, coalesce(code, ''), '' FROM stage_result
UNION
SELECT DISTINCT 'Observation', vocabulary, code, '' FROM stage_allergy
UNION
SELECT DISTINCT 'Drug', vocabulary, code, coalesce(lower(name), '') FROM stage_drug
