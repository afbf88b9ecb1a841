-- The lines of a claim are numbered, each number once.
-- severity: fail
-- columns: claim_lines.claim_id, claim_lines.line_number
SELECT claim_id AS id, line_number, count(*) AS copies
FROM claim_lines
WHERE claim_id IS NOT NULL AND line_number IS NOT NULL
GROUP BY ALL
HAVING count(*) > 1 OR line_number < 1
