-- LOINC codes have a number and the check digit that follows from it (mod 10).
-- severity: fail
-- columns: lab_results.loinc_code
WITH wrong AS (
    SELECT DISTINCT loinc_code
    FROM lab_results
    WHERE NOT regexp_matches(loinc_code, '^\d{1,7}-\d$') OR luhn_remainder(replace(loinc_code, '-', '')) <> 0
)
SELECT lab_result_id AS id, loinc_code, test_name
FROM lab_results
SEMI JOIN wrong USING (loinc_code)
