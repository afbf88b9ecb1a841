-- The further diagnosis codes of claims, out of their lists: what stands in quotes and has the form of a code.
-- kind: work
SELECT claim_id, code
FROM (
    SELECT claim_id, principal_diagnosis, unnest(string_split(CAST(other_diagnoses AS VARCHAR), '"')) AS code
    FROM claims
    WHERE other_diagnoses IS NOT NULL
) AS part
WHERE length(code) BETWEEN 3 AND 8 AND substring(code, 2, 1) BETWEEN '0' AND '9' AND upper(substring(code, 1, 1)) BETWEEN 'A' AND 'Z'
    AND (principal_diagnosis IS NULL OR code <> principal_diagnosis)
GROUP BY claim_id, code
