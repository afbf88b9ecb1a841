-- Places of service have two digits, revenue codes four, types of bill three or four.
-- severity: fail when generated
-- any of: claims.place_of_service, claims.bill_type, claim_lines.place_of_service, claim_lines.revenue_code
SELECT claim_id AS id, 'claims' AS "table", place_of_service, bill_type AS other_code
FROM claims
WHERE NOT regexp_matches(place_of_service, '^\d{2}$') OR NOT regexp_matches(bill_type, '^0?[1-9]\d[0-9A-Z]$')
UNION ALL
SELECT claim_line_id, 'claim_lines', place_of_service, revenue_code
FROM claim_lines
WHERE NOT regexp_matches(place_of_service, '^\d{2}$') OR NOT regexp_matches(revenue_code, '^\d{4}$')
