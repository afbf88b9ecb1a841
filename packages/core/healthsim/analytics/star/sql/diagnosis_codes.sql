-- Every spelling of a diagnosis code in the scenario, and the code that it means: upper case, ICD-10-CM with its dot.
-- kind: work
WITH spelled AS (
    SELECT code AS spelling, min(code_system) AS code_system, min(description) AS description
    FROM diagnoses
    WHERE code IS NOT NULL
    GROUP BY code
    UNION ALL
    SELECT principal_diagnosis, NULL, NULL FROM claims WHERE principal_diagnosis IS NOT NULL GROUP BY principal_diagnosis
    UNION ALL
    SELECT code, NULL, NULL FROM claim_codes GROUP BY code
)
SELECT
    spelling,
    CASE
        WHEN length(trim(min(spelling))) > 3 AND strpos(min(spelling), '.') = 0
            AND upper(substring(trim(min(spelling)), 1, 1)) BETWEEN 'A' AND 'Z' AND substring(trim(min(spelling)), 2, 1) BETWEEN '0' AND '9'
            THEN concat(substring(upper(trim(min(spelling))), 1, 3), '.', substring(upper(trim(min(spelling))), 4, 10))
        ELSE upper(trim(min(spelling)))
    END AS code,
    coalesce(min(code_system), 'ICD-10-CM') AS code_system,
    min(description) AS description
FROM spelled
GROUP BY spelling
