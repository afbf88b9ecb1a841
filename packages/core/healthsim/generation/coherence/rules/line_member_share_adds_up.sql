-- Of a claim line, the member's responsibility = deductible + copay + coinsurance.
-- severity: fail
-- columns: claim_lines.member_responsibility, claim_lines.deductible_amount, claim_lines.copay_amount,
--   claim_lines.coinsurance_amount
SELECT claim_line_id AS id, member_responsibility, deductible_amount, copay_amount, coinsurance_amount
FROM claim_lines
WHERE member_responsibility <> deductible_amount + copay_amount + coinsurance_amount
