-- The flag of a laboratory value (H, L, N) agrees with its reference range.
-- severity: fail
-- columns: lab_results.abnormal_flag, lab_results.value_numeric, lab_results.reference_low,
--   lab_results.reference_high
SELECT lab_result_id AS id, value_numeric, reference_low, reference_high, abnormal_flag
FROM lab_results
WHERE (abnormal_flag IN ('H', 'HH') AND value_numeric < reference_high)
    OR (abnormal_flag IN ('L', 'LL') AND value_numeric > reference_low)
    OR ((abnormal_flag = 'N' OR ($generated AND abnormal_flag IS NULL))
        AND (value_numeric > reference_high OR value_numeric < reference_low))
